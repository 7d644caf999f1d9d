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
import type { FoundViewer, Viewer } from "../viewer/viewer.ts";
import { findAccessTokenViewer } from "./by-access-token.ts";
import { findSessionViewer } from "./by-session.ts";
import type { ViewerCache } from "./cache.ts";
import type { ViewerUses } from "./uses.ts";

export interface ViewerLookup {
  /** `presented`: a token, or a signed cookie value. */
  find(credential: Credential, presented: string): PromiseOrValue<Viewer | null>;
  /** For the log: the beginning of the digest of a credential's secret. Null for one that was never issued. */
  nameOf(credential: Credential, presented: string): string | null;
  /**
   * For a stream, which asks again for each event. Asking is no use of the credential: an open page must not keep a session alive
   * that nobody uses.
   */
  follow(credential: Credential, presented: string): () => PromiseOrValue<FollowedViewer | null>;
  /** Call it after the commit that changes a user's sessions, roles or names: from then on this server returns no stale viewer. */
  forget(...userIds: readonly string[]): void;
}

/** Too few to tell anything of 256 random bits, and enough to find one row. */
const namedBytes = 8;

interface Answer {
  readonly found: FoundViewer;
  /** The state of the cache before the query. */
  readonly generation: number;
}

const viewerLookup: SpanOf<[Credential, string], Answer | null> = {
  name: "viewer lookup",
  attributes: (credential) => ({ "graphward.credential": credential }),
  conclude: (span, answer) => span.setAttribute("graphward.viewer.found", answer !== null),
};

export interface FollowedViewer {
  readonly viewer: Viewer;
  /** Milliseconds until it expires, unless a use prolongs it. */
  readonly left: number;
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

  const query = inSpan(viewerLookup, async (credential, presented) => {
    const secret = findSecret(credential, presented);
    if (secret === null) return null;
    const generation = cache?.generation() ?? 0;
    const found =
      credential === "token" && isAccessToken(secret)
        ? await findAccessTokenViewer(database, secret)
        : await findSessionViewer(database, credential, secret, options);
    return found && { found, generation };
  });

  const keep = (
    key: string | null,
    { found, generation }: Answer,
    { isUse }: { readonly isUse: boolean },
  ) => {
    // An impersonation depends on rows of two users. It is never cached, so that no change of either is missed.
    if (key !== null && found.viewer.impersonatorId === null) cache?.store(key, found, generation, isUse);
  };

  const ask = async (credential: Credential, presented: string, key: string | null) => {
    const answer = await query(credential, presented);
    if (answer === null) return null;
    const { viewer, touchIsDue } = answer.found;
    if (touchIsDue) await uses.recordFirst(viewer);
    keep(key, answer, { isUse: true });
    return viewer;
  };

  const look = async (credential: Credential, presented: string, key: string | null) => {
    const answer = await query(credential, presented);
    if (answer === null) return null;
    keep(key, answer, { isUse: false });
    const { viewer, idleLeft, absoluteLeft } = answer.found;
    return { viewer, left: Math.min(idleLeft, absoluteLeft) };
  };

  return {
    find(credential, presented) {
      if (cache === null) return ask(credential, presented, null);
      const key = keyOf(credential, presented);
      const cached = cache.find(key);
      meter?.countViewer(cached !== null);
      return cached ?? ask(credential, presented, key);
    },
    nameOf(credential, presented) {
      const secret = findSecret(credential, presented);
      return secret === null ? null : digest(secret).toString("hex", 0, namedBytes);
    },
    follow(credential, presented) {
      if (cache === null) return () => look(credential, presented, null);
      const key = keyOf(credential, presented);
      return () => cache.peek(key) ?? look(credential, presented, key);
    },
    forget: (...userIds) => {
      for (const userId of userIds) cache?.forget(userId);
    },
  };
};

/**
 * A digest, so that the process keeps no secret in memory after a request. It covers the signature, so that a cached cookie need
 * not be verified again.
 */
const keyOf = (credential: Credential, presented: string): string =>
  `${credential} ${hash("sha256", presented, "hex")}`;
