// That a viewer's credential was used: written down for its session, or for its access token.
import type { Database } from "../../database/tables.ts";
import { touchAccessTokens } from "../access-tokens/rows.ts";
import { touchSessions } from "../sessions/rows.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { createTouches } from "./touches.ts";

export interface ViewerUses {
  /** Before the request is answered: a session that lives on because of this use must not depend on a batch. */
  recordFirst(viewer: Viewer): Promise<void> | void;
  recordSoon(viewer: Viewer): void;
  close(): Promise<void>;
}

export const createViewerUses = (database: Database): ViewerUses => {
  const sessions = createTouches((ids) => touchSessions(database, ids));
  const accessTokens = createTouches((ids) => touchAccessTokens(database, ids));
  return {
    // An access token ends when it ends, used or not: nobody has to wait for its last use.
    recordFirst: ({ sessionId, accessToken }) =>
      accessToken === null ? sessions.touchNow(sessionId) : accessTokens.touchSoon(accessToken.id),
    recordSoon: ({ sessionId, accessToken }) =>
      accessToken === null ? sessions.touchSoon(sessionId) : accessTokens.touchSoon(accessToken.id),
    close: async () => {
      await Promise.all([sessions.close(), accessTokens.close()]);
    },
  };
};
