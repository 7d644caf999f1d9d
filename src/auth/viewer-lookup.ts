// Finds the viewer of a credential: in memory when there is a cache, else in the database.
import { hash } from "node:crypto";
import type { Database } from "../database/tables.ts";
import type { Eventual } from "../eventual.ts";
import { isWellFormedToken } from "./secret.ts";
import type { SessionTouches } from "./session-touches.ts";
import { type Credential, findViewer, type Viewer } from "./viewer.ts";
import type { ViewerCache } from "./viewer-cache.ts";

export interface ViewerLookup {
  find(credential: Credential, secret: string): Eventual<Viewer | null>;
  /** Call it when a user's sessions, roles or names have changed, after the commit: from then on nothing old is served here. */
  forget(userId: string): void;
}

export const createViewerLookup = (options: {
  readonly database: Database;
  readonly cache: ViewerCache | null;
  readonly touches: SessionTouches;
}): ViewerLookup => {
  const { database, cache, touches } = options;

  const ask = async (credential: Credential, secret: string, key: string | null) => {
    // What nobody was ever given costs no query, and an attacker's guesses no place in the pool.
    if (credential === "token" && !isWellFormedToken(secret)) return null;
    const generation = cache?.generation() ?? 0;
    const found = await findViewer(database, credential, secret);
    if (found === null) return null;
    // Before it is answered: a session that lives on because of this use must not depend on a batch.
    if (found.touchIsDue) await touches.touchNow(found.viewer.sessionId);
    if (key !== null) cache?.store(key, found, generation);
    return found.viewer;
  };

  return {
    find(credential, secret) {
      if (cache === null) return ask(credential, secret, null);
      // A digest: the memory of the process holds no secret for longer than a request.
      const key = `${credential} ${hash("sha256", secret, "hex")}`;
      return cache.find(key) ?? ask(credential, secret, key);
    },
    forget: (userId) => cache?.forget(userId),
  };
};
