// Logging in and out: the checks, and the one transaction in which a session begins.
import { type Kysely, sql } from "kysely";
import type { Database, Tables } from "../database/tables.ts";
import { AuditEventType } from "../entities/audit-event-type.ts";
import type { Refusals } from "./audit-refusals.ts";
import type { Client } from "./client.ts";
import { findCanonicalEmail } from "./email-address.ts";
import { hashPassword, isWeakHash, verifyPassword } from "./password.ts";
import { makeToken } from "./secret.ts";
import type { Exchange, SessionCookies } from "./session-cookie.ts";
import { livesOf } from "./session-lives.ts";
import { insertSession } from "./sessions.ts";
import { canonicalUsername, findUsernameProblem } from "./username.ts";
import { userColumns } from "./viewer.ts";
import type { ViewerLookup } from "./viewer-lookup.ts";

export interface LoginInput {
  /** The username, or the e-mail address when it holds an `@`. */
  readonly username: string;
  readonly password: string;
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
}

export interface LoginEnvironment {
  readonly database: Database;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  readonly client: Client;
  readonly viewers: ViewerLookup;
  readonly refusals: Refusals;
}

/** Null for every reason why a login can fail: the caller cannot tell them apart, nor can the client. */
export const logIn = async (environment: LoginEnvironment, input: LoginInput) => {
  const account = await findAccount(environment.database, input.username);
  // A deactivated account is checked against the dummy, so that it takes as long as the others.
  const hash = account?.is_active ? account.password_hash : null;
  const matches = await verifyPassword(hash, input.password);
  if (!matches || account === undefined || hash === null) {
    recordFailure(environment, account, hash);
    return null;
  }

  const newHash = isWeakHash(hash) ? await hashPassword(input.password) : hash;
  const token = input.wantsToken ? makeToken("gws_") : null;
  const begin = (cookieSecret: string | null) =>
    beginSession(environment, { userId: account.id, verifiedHash: hash, newHash, cookieSecret, token });

  const login = input.wantsCookie
    ? await environment.cookies.begin(
        environment.exchange,
        livesOf({ hasToken: input.wantsToken }).absolute,
        begin,
      )
    : await begin(null);
  if (login === null) recordFailure(environment, account, null);
  // The oldest session may have made room for this one.
  environment.viewers.forget(account.id);
  return login && { ...login, token };
};

/** Without what was typed: people type their password where the username belongs. */
const recordFailure = (
  { refusals, client }: LoginEnvironment,
  account: { readonly id: string } | undefined,
  usableHash: string | null,
) => {
  const withAccount = usableHash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";
  refusals.record({
    type: AuditEventType.LOGIN_FAILED,
    userId: account?.id ?? null,
    actorId: null,
    client,
    details: { reason: account === undefined ? "NO_ACCOUNT" : withAccount },
  });
};

const findAccount = async (database: Database, typed: string) => {
  const query = database.selectFrom("users").select(["id", "password_hash", "is_active"]);
  if (typed.includes("@")) {
    const email = findCanonicalEmail(typed);
    return email === null ? undefined : query.where("canonical_email", "=", email).executeTakeFirst();
  }
  if (findUsernameProblem(typed) !== null) return undefined;
  return query.where("canonical_username", "=", canonicalUsername(typed)).executeTakeFirst();
};

interface Beginning {
  readonly userId: string;
  readonly verifiedHash: string;
  readonly newHash: string;
  readonly cookieSecret: string | null;
  readonly token: string | null;
}

/** Null when the account was deactivated, or its password changed, while we were hashing. */
const beginSession = ({ database, client }: LoginEnvironment, beginning: Beginning) =>
  database.transaction().execute(async (transaction: Kysely<Tables>) => {
    const user = await transaction
      .updateTable("users")
      .set({ last_login_at: sql<Date>`now()`, password_hash: beginning.newHash })
      .where("id", "=", beginning.userId)
      .where("password_hash", "=", beginning.verifiedHash)
      .where("is_active", "=", true)
      .returning([...userColumns, "users.last_login_at as lastLoginAt"])
      .executeTakeFirst();
    if (user === undefined) return null;
    const session = await insertSession(transaction, { ...beginning, client });
    return { user, expiresAt: session.expiresAt };
  });
