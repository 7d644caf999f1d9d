// Registration: a person makes an account, and learns nothing about who else has one.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, forbidden, type Result } from "../../errors.ts";
import type { AccountSettings } from "../account-settings.ts";
import { recordEvent } from "../audit/record.ts";
import type { RateLimits } from "../limits/rate-limits.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem, type PasswordPolicy } from "../passwords/policy.ts";
import { issueOneTimeToken } from "../secrets/one-time-tokens.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";
import { lockName } from "../users/locks.ts";
import { claimUsername, usernameTaken } from "../users/reserved-usernames.ts";
import type { Client } from "../viewer/client.ts";

export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export interface RegistrationEnvironment {
  readonly database: Database;
  readonly accounts: AccountSettings;
  readonly client: Client;
  readonly limits: RateLimits;
}

/**
 * Every broken rule at once, or the id of the account. An address that somebody has is answered like a free one, in the same
 * time: the account is made without it and keeps it as pending, and the mail to that address tells its owner. A username that is
 * taken may be told.
 */
export const register = async (
  { database, accounts, client, limits }: RegistrationEnvironment,
  typed: Registration,
): Promise<Result<string>> => {
  if (!accounts.isRegistrationOpen) throw forbidden();
  const problems = await findProblems(typed, accounts.passwordPolicy);
  if (problems.length > 0) return { ok: false, problems };
  const { shown, canonical } = requireUsername(typed.username);
  const row = {
    id: uuidv7(),
    username: shown,
    canonicalUsername: canonical,
    email: typed.email,
    canonicalEmail: findCanonicalEmail(typed.email) ?? "",
    passwordHash: await hashPassword(typed.password),
  };
  const mayMail = await limits.takeMail(row.canonicalEmail, "leaves the last one");
  const outcome = await database.transaction().execute(async (transaction): Promise<Result<string>> => {
    const isFree = await claimUsername(transaction, { username: row.canonicalUsername, userId: null });
    if (!isFree) return { ok: false, problems: [usernameTaken] };
    await lockName(transaction, "address", row.canonicalEmail);
    const made = await insertAccount(transaction, row);
    if (made === undefined) return { ok: false, problems: [usernameTaken] };
    await recordEvent(transaction, {
      type: AuditEventType.ACCOUNT_REGISTERED,
      userId: row.id,
      actorId: row.id,
      client,
    });
    if (!mayMail) return { ok: true, value: row.id };
    await sendVerification(transaction, accounts, {
      userId: row.id,
      sentTo: row.email,
      ownerId: made.ownerId,
    });
    return { ok: true, value: row.id };
  });
  // A name that is taken could otherwise be registered again and again, and keep an address from every mail without one being sent.
  if (!outcome.ok && mayMail) await limits.giveMailBack(row.canonicalEmail);
  return outcome;
};

const findProblems = async (typed: Registration, policy: PasswordPolicy): Promise<readonly BrokenRule[]> => {
  const problems = [
    findUsernameProblem(typed.username),
    findEmailProblem(typed.email),
    await findNewPasswordProblem(typed.password, typed, policy),
  ];
  return problems.filter((problem) => problem !== null);
};

interface AccountRow {
  readonly id: string;
  readonly username: string;
  readonly canonicalUsername: string;
  readonly email: string;
  readonly canonicalEmail: string;
  readonly passwordHash: string;
}

/** Undefined when something that takes no lock, such as psql, took either at this very moment. `ownerId`: whose the address is. */
const insertAccount = async (transaction: Database, row: AccountRow) => {
  const { rows } = await sql<{ ownerId: string | null }>`
    with owner as (select id from users where canonical_email = ${row.canonicalEmail})
    insert into users (id, username, canonical_username, email, canonical_email, pending_email, password_hash)
    select ${row.id}::uuid, ${row.username}::text, ${row.canonicalUsername}::text,
      case when not exists (select from owner) then ${row.email}::text end,
      case when not exists (select from owner) then ${row.canonicalEmail}::text end,
      case when exists (select from owner) then ${row.email}::text end,
      ${row.passwordHash}::text
    on conflict do nothing
    returning (select id from owner) as "ownerId"`.execute(transaction);
  return rows[0];
};

export interface Verification {
  readonly userId: string;
  readonly sentTo: string;
  /** Of somebody else who has the address: then that owner is told. */
  readonly ownerId: string | null;
}

/**
 * Issues the link that proves the address, and the mail that carries it. One is issued for a taken address too, and never sent:
 * the time that it takes, and the links in an export, would tell.
 */
export const sendVerification = async (
  transaction: Database,
  { oneTimeKeys }: AccountSettings,
  { userId, sentTo, ownerId }: Verification,
): Promise<void> => {
  const token = { purpose: "verify-address", userId, sentTo } as const;
  const oneTimeTokenId = await issueOneTimeToken(transaction, oneTimeKeys, token);
  await enqueueMail(
    transaction,
    ownerId === null
      ? { template: "verify-address", userId, oneTimeTokenId }
      : { template: "address-taken", userId: ownerId },
  );
};
