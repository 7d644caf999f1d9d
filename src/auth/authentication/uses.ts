// Records the use of a viewer's credential, for its session or its access token.
import type { Database } from "../../database/tables.ts";
import { touchAccessTokens } from "../access-tokens/rows.ts";
import type { SessionLifetimes } from "../sessions/lifetimes.ts";
import { touchSessions } from "../sessions/rows.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { createTouches } from "./touches.ts";

export interface ViewerUses {
  /** Writes before the response: a session that this use prolongs must not depend on a batch. */
  recordFirst(viewer: Viewer): Promise<void> | void;
  recordSoon(viewer: Viewer): void;
  close(): Promise<void>;
}

export const createViewerUses = (database: Database, lifetimes: SessionLifetimes): ViewerUses => {
  const sessions = createTouches((ids) => touchSessions(database, ids, lifetimes));
  const accessTokens = createTouches((ids) => touchAccessTokens(database, ids));
  return {
    // A use does not prolong an access token, so no request waits for it.
    recordFirst: ({ sessionId, accessToken }) =>
      accessToken === null ? sessions.touchNow(sessionId) : accessTokens.touchSoon(accessToken.id),
    recordSoon: ({ sessionId, accessToken }) =>
      accessToken === null ? sessions.touchSoon(sessionId) : accessTokens.touchSoon(accessToken.id),
    close: async () => {
      await Promise.all([sessions.close(), accessTokens.close()]);
    },
  };
};
