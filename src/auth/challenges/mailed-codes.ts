// The rows of codes that are mailed: for a login, and for a session that is to be proven again. Knows no HTTP.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { mailJob } from "../outgoing-mail.ts";
import { digest } from "../secrets/secret.ts";
import { deriveMailedCode, findMailedCode, isMailedCode, type MailedCodeKeys } from "./code-secrets.ts";
import { challengeLifetimes, maxTries } from "./rows.ts";

/** Who asked for the code, as its mail tells the reader. */
export interface Asking {
  readonly device: string | null;
  readonly ipAddress: string | null;
}

export interface NewLoginCode extends Asking {
  /** Canonical. Whether a user has it is looked up when the mail is sent. */
  readonly address: string;
  readonly browserSecret: string;
  /** Whether the code belongs to the browser that asked, whatever credentials it then asks for. */
  readonly isBrowser: boolean;
  /** False: the row and the answer are the same, but no mail leaves, and earlier codes stay valid. */
  readonly mayMail: boolean;
}

/** One statement: ends earlier codes of the email, inserts the row and enqueues the mail. */
export async function insertLoginCode(
  database: Database,
  keys: MailedCodeKeys,
  { address, browserSecret, isBrowser, mayMail, device, ipAddress }: NewLoginCode,
): Promise<{ readonly pendingToken: string; readonly expiresAt: Date }> {
  const id = uuidv7();
  const made = deriveMailedCode(keys, id);
  const mail = { template: "login-code", challengeId: id, device, ipAddress } as const;
  const { expiresAt } = await database
    .with("ended", (query) =>
      query
        .deleteFrom("proof_challenges")
        .where("purpose", "=", "mailed-code")
        .where("sent_to", "=", address)
        .where(sql<boolean>`${mayMail}::boolean`),
    )
    .with("challenge", (query) =>
      query
        .insertInto("proof_challenges")
        .values({
          id,
          purpose: "mailed-code",
          digest: made.digest,
          browser_digest: digest(browserSecret),
          wants_cookie: isBrowser,
          code_digest: made.codeDigest,
          sent_to: address,
          expires_at: fromNow(challengeLifetimes["mailed-code"]),
        })
        .returning("proof_challenges.expires_at as expiresAt"),
    )
    .selectFrom("challenge")
    .select("challenge.expiresAt")
    .$if(mayMail, (query) => query.select(mailJob(mail).as("job")))
    .executeTakeFirstOrThrow();
  return { pendingToken: made.pendingToken, expiresAt };
}

export interface NewSessionCode extends Asking {
  readonly userId: string;
  readonly sessionId: string;
}

/** For the session alone: its code logs nobody in. Inserts nothing for a user whose email is not proven. */
export async function insertSessionCode(
  database: Database,
  keys: MailedCodeKeys,
  { userId, sessionId, device, ipAddress }: NewSessionCode,
): Promise<void> {
  const id = uuidv7();
  const { codeDigest } = deriveMailedCode(keys, id);
  const mail = { template: "reauthentication-code", challengeId: id, userId, device, ipAddress } as const;
  await database
    .with("ended", (query) => query.deleteFrom("proof_challenges").where(isCodeOf({ userId, sessionId })))
    .with("challenge", (query) =>
      query
        .insertInto("proof_challenges")
        .columns(["id", "purpose", "user_id", "session_id", "code_digest", "sent_to", "expires_at"])
        .expression((rows) =>
          rows
            .selectFrom("users")
            .select([
              sql<string>`${id}::uuid`.as("id"),
              sql<string>`'reauthentication'`.as("purpose"),
              "users.id as user_id",
              sql<string>`${sessionId}::uuid`.as("session_id"),
              sql<Buffer>`${codeDigest}::bytea`.as("code_digest"),
              "users.canonical_email as sent_to",
              fromNow(challengeLifetimes.reauthentication).as("expires_at"),
            ])
            .where("users.id", "=", userId)
            .where("users.email_verified_at", "is not", null)
            .where("users.canonical_email", "is not", null),
        )
        .returning("proof_challenges.id"),
    )
    .selectFrom("challenge")
    .select(mailJob(mail).as("job"))
    .execute();
}

/** Counts a try, and ends the code when it is right. Of two requests with the right code, one gets true. */
export async function acceptSessionCode(
  database: Database,
  keys: MailedCodeKeys,
  { code, ...session }: { readonly userId: string; readonly sessionId: string; readonly code: string },
): Promise<boolean> {
  const tried = await database
    .updateTable("proof_challenges")
    .set(({ eb }) => ({ tries: eb("tries", "+", 1) }))
    .where(isCodeOf(session))
    .where("expires_at", ">", sql<Date>`now()`)
    .where("tries", "<", maxTries)
    // The email may have changed since: the code proved the earlier mailbox.
    .where("sent_to", "=", ({ selectFrom }) =>
      selectFrom("users").select("canonical_email").where("id", "=", session.userId),
    )
    .returning(["id", "code_digest as codeDigest"])
    .executeTakeFirst();
  if (tried === undefined || tried.codeDigest === null) return false;
  const { id, codeDigest } = tried;
  if (!isMailedCode(keys, { id, codeDigest }, code)) return false;
  const { numDeletedRows } = await database
    .deleteFrom("proof_challenges")
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

const isCodeOf = ({ userId, sessionId }: { readonly userId: string; readonly sessionId: string }) =>
  sql<boolean>`(purpose = 'reauthentication' and user_id = ${userId}::uuid and session_id = ${sessionId}::uuid
    and code_digest is not null)`;

export interface SendableCode {
  readonly purpose: string;
  readonly userId: string | null;
  /** Canonical. */
  readonly sentTo: string;
  readonly expiresAt: Date;
  readonly code: string;
  readonly pendingToken: string;
}

/** For the mail worker. Null once it is used, ended or expired. */
export async function findSendableCode(
  database: Database,
  keys: MailedCodeKeys,
  id: string,
): Promise<SendableCode | null> {
  const found = await database
    .selectFrom("proof_challenges")
    .select([
      "id",
      "purpose",
      "user_id as userId",
      "sent_to as sentTo",
      "code_digest as codeDigest",
      "expires_at as expiresAt",
    ])
    .where("id", "=", id)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirst();
  if (found === undefined || found.sentTo === null || found.codeDigest === null) return null;
  const { codeDigest, sentTo, ...shown } = found;
  const { code, pendingToken } = findMailedCode(keys, { id, codeDigest });
  return { ...shown, sentTo, code, pendingToken };
}
