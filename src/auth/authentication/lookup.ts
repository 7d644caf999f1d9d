// Finds the viewer of a credential: in the cache if there is one, otherwise in the database.
import { hash } from "node:crypto";
import type { Database } from "../../database/tables.ts";
import type { Meter } from "../../meter.ts";
import type { PromiseOrValue } from "../../promise-or-value.ts";
import type { Credential, FindSecret } from "../secrets/presented-credential.ts";
import { isAccessToken } from "../secrets/secret.ts";
import type { SessionLifetimes } from "../sessions/lifetimes.ts";
import type { Authority } from "../viewer/authority.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { findAccessTokenViewer } from "./by-access-token.ts";
import { findSessionViewer } from "./by-session.ts";
import type { ViewerCache } from "./cache.ts";
import type { ViewerUses } from "./uses.ts";

export interface ViewerLookup {
  /** `presented`: a token, or a signed cookie value. */
  find(credential: Credential, presented: string): PromiseOrValue<Viewer | null>;
  /** Call it after the commit that changes a user's sessions, roles or names: from then on this server returns no stale viewer. */
  forget(...userIds: readonly string[]): void;
}

export const createViewerLookup = (options: {
  readonly database: Database;
  readonly cache: ViewerCache | null;
  readonly uses: ViewerUses;
  readonly findSecret: FindSecret;
  readonly authority: Authority;
  readonly lifetimes: SessionLifetimes;
  readonly meter: Meter | null;
}): ViewerLookup => {
  const { database, cache, uses, findSecret, meter } = options;

  const ask = async (credential: Credential, presented: string, key: string | null) => {
    const secret = findSecret(credential, presented);
    if (secret === null) return null;
    const generation = cache?.generation() ?? 0;
    const found =
      credential === "token" && isAccessToken(secret)
        ? await findAccessTokenViewer(database, secret)
        : await findSessionViewer(database, credential, secret, options);
    if (found === null) return null;
    if (found.touchIsDue) await uses.recordFirst(found.viewer);
    // An impersonation depends on rows of two users. It is never cached, so that no change of either is missed.
    if (key !== null && found.viewer.impersonatorId === null) cache?.store(key, found, generation);
    return found.viewer;
  };

  return {
    find(credential, presented) {
      if (cache === null) return ask(credential, presented, null);
      // A digest, so that the process keeps no secret in memory after a request. It covers the signature, so that a cached cookie need
      // not be verified again.
      const key = `${credential} ${hash("sha256", presented, "hex")}`;
      const cached = cache.find(key);
      meter?.countViewer(cached !== null);
      return cached ?? ask(credential, presented, key);
    },
    forget: (...userIds) => {
      for (const userId of userIds) cache?.forget(userId);
    },
  };
};
