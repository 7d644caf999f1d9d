// Finds the viewer of a credential: in the cache if there is one, otherwise in the database.
import { hash } from "node:crypto";
import type { Database } from "../../database/tables.ts";
import type { Meter } from "../../meter.ts";
import type { PromiseOrValue } from "../../promise-or-value.ts";
import { inSpan, type SpanOf } from "../../tracing/spans.ts";
import type { Credential, FindSecret } from "../secrets/presented-credential.ts";
import { digest, isAccessToken } from "../secrets/secret.ts";
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
  /** For the log: the beginning of the digest of a credential's secret. Null for one that was never issued. */
  nameOf(credential: Credential, presented: string): string | null;
  /** Call it after the commit that changes a user's sessions, roles or names: from then on this server returns no stale viewer. */
  forget(...userIds: readonly string[]): void;
}

/** Too few to tell anything of 256 random bits, and enough to find one row. */
const namedBytes = 8;

const viewerLookup: SpanOf<[Credential, string, string | null], Viewer | null> = {
  name: "viewer lookup",
  attributes: (credential) => ({ "graphward.credential": credential }),
  conclude: (span, viewer) => span.setAttribute("graphward.viewer.found", viewer !== null),
};

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

  const askDatabase = async (credential: Credential, presented: string, key: string | null) => {
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
  const ask = inSpan(viewerLookup, askDatabase);

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
    nameOf(credential, presented) {
      const secret = findSecret(credential, presented);
      return secret === null ? null : digest(secret).toString("hex", 0, namedBytes);
    },
    forget: (...userIds) => {
      for (const userId of userIds) cache?.forget(userId);
    },
  };
};
