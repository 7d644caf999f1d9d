// One-time links: issue, find, consume and end.
import { createHmac, type KeyObject } from "node:crypto";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { hours, minutes } from "../../time.ts";
import { deriveKey } from "./derived-key.ts";
import { digest, isWellFormedSecret, writeSecret } from "./secret.ts";

/** The lifetime of a link by purpose, which is also the time that an attacker who reads the mailbox has. */
export const oneTimeTokenLifetimes = {
  "verify-address": hours(24),
  "reset-password": minutes(30),
  "change-address": hours(24),
  "undo-address-change": hours(72),
  invitation: hours(72),
} as const;

export type Purpose = keyof typeof oneTimeTokenLifetimes;

/** Links that give access to the account: a new password, which shuts out an intruder, must end them too. */
export const linksIntoAccount = [
  "reset-password",
  "invitation",
  "change-address",
] as const satisfies readonly Purpose[];

/**
 * Links sent to the present email, or requested while it was set. Without the undo link, which belongs to the previous email: an
 * attacker who took the account over, and can reset its password, must not be able to end it.
 */
export const linksOfPresentEmail = [
  "verify-address",
  ...linksIntoAccount,
] as const satisfies readonly Purpose[];

/** The first derives new secrets, all are tried for links that were issued earlier. */
export type OneTimeKeys = readonly KeyObject[];

/** Derived keys, so that a link's secret reveals nothing about the key that signs cookies. */
export const deriveOneTimeKeys = (sessionSecrets: readonly string[]): OneTimeKeys =>
  sessionSecrets.map((secret) => deriveKey(secret, "one-time tokens"));

export interface NewOneTimeToken {
  readonly purpose: Purpose;
  readonly userId: string;
  /** The email that gets the link. */
  readonly sentTo: string;
  /** Ends the user's earlier links for the same purpose; otherwise they stay valid, because mails may arrive out of order. */
  readonly replaces?: boolean;
}

/**
 * Returns the id, which is all that a job may contain. The secret is derived when the mail is made, from the id and a key outside
 * the database: a copy of the database, its queue included, grants no access.
 */
export const issueOneTimeToken = async (
  transaction: Database,
  keys: OneTimeKeys,
  { purpose, userId, sentTo, replaces = false }: NewOneTimeToken,
): Promise<string> => {
  const [key] = keys;
  if (key === undefined) throw new Error("issueOneTimeToken() was given no key.");
  if (replaces) await endOneTimeTokensOf(transaction, userId, [purpose]);
  const id = uuidv7();
  await transaction
    .insertInto("one_time_tokens")
    .values({
      id,
      purpose,
      digest: digest(deriveSecret(key, id)),
      user_id: userId,
      sent_to: sentTo,
      expires_at: fromNow(oneTimeTokenLifetimes[purpose]),
      // Later than the user's other tokens, even if the clock was set back, because an undo ends the later ones.
      created_at: sql<Date>`greatest(now(), (select max(created_at) + interval '1 microsecond'
        from ${ownTable("one_time_tokens")} where user_id = ${userId}))`,
    })
    .execute();
  return id;
};

export interface SendableToken {
  readonly purpose: string;
  readonly userId: string;
  readonly sentTo: string;
  readonly expiresAt: Date;
  readonly secret: string;
}

/**
 * Returns null once it is consumed, ended or expired. Throws when none of our keys made it, so that another server, with the new
 * or the old SESSION_SECRET, can send it.
 */
export const findSendableToken = async (
  database: Database,
  keys: OneTimeKeys,
  id: string,
): Promise<SendableToken | null> => {
  const token = await database
    .selectFrom("one_time_tokens")
    .select(["purpose", "digest", "user_id as userId", "sent_to as sentTo", "expires_at as expiresAt"])
    .where("id", "=", id)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirst();
  if (token === undefined) return null;
  const { digest: stored, ...shown } = token;
  const secret = keys
    .map((key) => deriveSecret(key, id))
    .find((candidate) => digest(candidate).equals(stored));
  if (secret === undefined)
    throw new Error("This link was made with a SESSION_SECRET that is not configured.");
  return { ...shown, secret };
};

export interface OneTimeToken {
  readonly userId: string;
  readonly sentTo: string;
}

export interface ConsumedOneTimeToken extends OneTimeToken {
  readonly issuedAt: Date;
}

/** One statement, so that of two concurrent requests only one succeeds. Only the database's clock decides whether it has expired. */
export const consumeOneTimeToken = async (
  database: Database,
  purpose: Purpose,
  secret: string,
): Promise<ConsumedOneTimeToken | null> => {
  if (!isWellFormedSecret(secret)) return null;
  const consumed = await database
    .deleteFrom("one_time_tokens")
    .where("digest", "=", digest(secret))
    .where("purpose", "=", purpose)
    .where("expires_at", ">", sql<Date>`now()`)
    .returning(["user_id as userId", "sent_to as sentTo", "created_at as issuedAt"])
    .executeTakeFirst();
  return consumed ?? null;
};

/** For a purpose that also needs the password. The caller consumes the token in the transaction of the act. */
export const findOneTimeToken = async (
  database: Database,
  purpose: Purpose,
  secret: string,
): Promise<OneTimeToken | null> => {
  if (!isWellFormedSecret(secret)) return null;
  const found = await database
    .selectFrom("one_time_tokens")
    .select(["user_id as userId", "sent_to as sentTo"])
    .where("digest", "=", digest(secret))
    .where("purpose", "=", purpose)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirst();
  return found ?? null;
};

/** Without `purposes`, ends every purpose. Returns how many. */
export const endOneTimeTokensOf = async (
  database: Database,
  userId: string,
  purposes: readonly Purpose[] | null = null,
): Promise<number> => {
  const all = database.deleteFrom("one_time_tokens").where("user_id", "=", userId);
  const some =
    purposes === null ? all : all.where("purpose", "=", sql<string>`any(${[...purposes]}::text[])`);
  return Number((await some.executeTakeFirst()).numDeletedRows);
};

/** Deletes those of all users. Returns how many. */
export const endAllOneTimeTokens = async (database: Database): Promise<number> =>
  Number((await database.deleteFrom("one_time_tokens").executeTakeFirst()).numDeletedRows);

/** Ends the user's tokens of this purpose that were issued after this one. Call it before this one is consumed. */
export const endOneTimeTokensAfter = async (
  database: Database,
  purpose: Purpose,
  secret: string,
): Promise<void> => {
  await database
    .deleteFrom("one_time_tokens as later")
    .using("one_time_tokens as this")
    .where("this.digest", "=", digest(secret))
    .whereRef("later.user_id", "=", "this.user_id")
    .where("later.purpose", "=", purpose)
    .whereRef("later.created_at", ">", "this.created_at")
    .execute();
};

/** Returns how many. */
export const pruneOneTimeTokens = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("one_time_tokens")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};

const deriveSecret = (key: KeyObject, id: string): string =>
  writeSecret(createHmac("sha256", key).update(`one-time token ${id}`).digest());
