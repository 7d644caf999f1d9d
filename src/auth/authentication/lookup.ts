// Finds the viewer of a credential: in memory when there is a cache, else in the database.
import { hash } from "node:crypto";
import type { Database } from "../../database/tables.ts";
import type { PromiseOrValue } from "../../promise-or-value.ts";
import type { Credential, FindSecret } from "../secrets/presented-credential.ts";
import { isAccessToken } from "../secrets/secret.ts";
import type { Authority } from "../viewer/authority.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { findAccessTokenViewer } from "./by-access-token.ts";
import { findSessionViewer } from "./by-session.ts";
import type { ViewerCache } from "./cache.ts";
import type { ViewerUses } from "./uses.ts";

export interface ViewerLookup {
  /** Of a credential as it was presented: a token, or a cookie's value with its signature. */
  find(credential: Credential, presented: string): PromiseOrValue<Viewer | null>;
  /** Call it when sessions, roles or names of users have changed, after the commit: from then on nothing old is served here. */
  forget(...userIds: readonly string[]): void;
}

export const createViewerLookup = (options: {
  readonly database: Database;
  readonly cache: ViewerCache | null;
  readonly uses: ViewerUses;
  readonly findSecret: FindSecret;
  readonly authority: Authority;
}): ViewerLookup => {
  const { database, cache, uses, findSecret, authority } = options;

  const ask = async (credential: Credential, presented: string, key: string | null) => {
    const secret = findSecret(credential, presented);
    if (secret === null) return null;
    const generation = cache?.generation() ?? 0;
    const found =
      credential === "token" && isAccessToken(secret)
        ? await findAccessTokenViewer(database, secret)
        : await findSessionViewer(database, credential, secret, authority);
    if (found === null) return null;
    if (found.touchIsDue) await uses.recordFirst(found.viewer);
    // An impersonation hangs on rows of two people: it is asked for each time, so that nothing of either can be missed.
    if (key !== null && found.viewer.impersonatorId === null) cache?.store(key, found, generation);
    return found.viewer;
  };

  return {
    find(credential, presented) {
      if (cache === null) return ask(credential, presented, null);
      // A digest: the memory of the process holds no secret for longer than a request. It covers the signature, so that
      // what is found here need not be verified again.
      const key = `${credential} ${hash("sha256", presented, "hex")}`;
      return cache.find(key) ?? ask(credential, presented, key);
    },
    forget: (...userIds) => {
      for (const userId of userIds) cache?.forget(userId);
    },
  };
};
