// Accounts: making one, and changing its password.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { BrokenRule, Result } from "../../errors.ts";
import { revokeAccessTokensOfUser } from "../access-tokens/ends.ts";
import { eventColumns, type Origin, recordEvent, selectEvent } from "../audit/record.ts";
import { forgetDevicesOf } from "../browsers/known-devices.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem, type PasswordPolicy } from "../passwords/policy.ts";
import { endOneTimeTokensOf, linksIntoAccount } from "../secrets/one-time-tokens.ts";
import { endSessionsOfUser } from "../sessions/ends.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { findRoleNameProblem } from "../text/rule-names.ts";
import { findCanonicalUsername, findUsernameProblem, requireUsername } from "../text/usernames.ts";
import { findAccountId, unknownUser } from "../users/find.ts";
import { lockName } from "../users/locks.ts";
import { claimUsername } from "../users/reserved-usernames.ts";

export interface NewAccount {
  readonly username: string;
  readonly email: string | null;
  readonly password: string;
  readonly roles: readonly string[];
}

/** Every broken rule at once, or the id of the account. */
export const createAccount = async (
  database: Database,
  account: NewAccount,
  origin: Origin,
  policy: PasswordPolicy,
): Promise<Result<string>> => {
  const problems = [
    findUsernameProblem(account.username),
    account.email === null ? null : findEmailProblem(account.email),
    await findNewPasswordProblem(account.password, account, policy),
    ...account.roles.map(findRoleNameProblem),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return { ok: false, problems };

  const { shown, canonical } = requireUsername(account.username);
  const row = {
    id: uuidv7(),
    username: shown,
    canonical_username: canonical,
    email: account.email,
    canonical_email: account.email === null ? null : findCanonicalEmail(account.email),
    // An operator vouches for it.
    email_verified_at: account.email === null ? null : sql<Date>`now()`,
    password_hash: await hashPassword(account.password),
    roles: [...new Set(account.roles)],
  };
  const event = {
    ...origin,
    type: AuditEventType.ACCOUNT_CREATED,
    details: { ...origin.details, roles: row.roles },
  };
  return database.transaction().execute(async (transaction) => {
    const claim = { username: row.canonical_username, userId: null };
    if (!(await claimUsername(transaction, claim))) return { ok: false, problems: [taken] };
    if (row.canonical_email !== null) await lockName(transaction, "address", row.canonical_email);
    const recorded = await transaction
      .with("made", (query) =>
        query
          .insertInto("users")
          .values(row)
          // A violated constraint would print the whole row, hash included, into PostgreSQL's log.
          .onConflict((conflict) => conflict.doNothing())
          .returning("id"),
      )
      .insertInto("audit_events")
      .columns([...eventColumns])
      .expression((query) =>
        query.selectFrom("made").select(({ ref }) => selectEvent(event, { userId: ref("made.id") })),
      )
      .returning("user_id")
      .executeTakeFirst();
    return recorded ? { ok: true, value: row.id } : { ok: false, problems: [taken] };
  });
};

const taken: BrokenRule = {
  field: "username",
  rule: "unique",
  message: "The username or the e-mail address is taken.",
};

/** Ends sessions, access tokens and links in the same transaction: whoever knew the old password is out. */
export const setPassword = async (
  database: Database,
  username: string,
  password: string,
  origin: Origin,
  policy: PasswordPolicy,
): Promise<Result<number>> => {
  const account = await database
    .selectFrom("users")
    .select(["username", "email"])
    .where("canonical_username", "=", findCanonicalUsername(username))
    .executeTakeFirst();
  if (account === undefined) return { ok: false, problems: [unknownUser] };
  const problem = await findNewPasswordProblem(password, account, policy);
  if (problem) return { ok: false, problems: [problem] };
  const password_hash = await hashPassword(password);
  return database.transaction().execute(async (transaction) => {
    const user = await transaction
      .updateTable("users")
      .set({ password_hash })
      .where("canonical_username", "=", findCanonicalUsername(username))
      .returning("id")
      .executeTakeFirst();
    if (user === undefined) return { ok: false, problems: [unknownUser] };
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_CHANGED, userId: user.id });
    const because = { ...origin, details: { ...origin.details, reason: "PASSWORD_CHANGED" } };
    await revokeAccessTokensOfUser(transaction, user.id, because);
    await forgetDevicesOf(transaction, user.id);
    await endOneTimeTokensOf(transaction, user.id, linksIntoAccount);
    await enqueueMail(transaction, { template: "password-changed", userId: user.id, by: "operator" });
    return { ok: true, value: await endSessionsOfUser(transaction, user.id, because) };
  });
};

export const revokeSessionsOf = async (
  database: Database,
  username: string,
  origin: Origin,
): Promise<Result<number>> => {
  const account = await findAccountId(database, username);
  if (!account.ok) return account;
  return { ok: true, value: await endSessionsOfUser(database, account.value, origin) };
};
