// Another username. The old one stays out of reach for others, so that nobody can pose as its owner.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, brokenRule, done, type Result, refused } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";
import {
  claimUsername,
  countReservedUsernames,
  reserveUsername,
  usernameTaken,
} from "../users/reserved-usernames.ts";
import { userColumns, type Viewer } from "../viewer/viewer.ts";
import { requireOwnAccount } from "./own-account.ts";

/** Without an end, one account could keep any number of names from everybody. */
const maxReservedUsernames = 10;

/** The user as it is now. Throws REAUTHENTICATION_REQUIRED. */
export async function changeUsername(
  { services, client }: Context,
  { viewer, username: typed }: { readonly viewer: Viewer; readonly username: string },
): Promise<Result<Viewer["user"]>> {
  const { userId, sessionId } = viewer;
  return changeUser(services, userId, async (transaction) => {
    const account = await requireOwnAccount(transaction, viewer);
    const problem = findUsernameProblem(typed) ?? (await claim(transaction, userId, account, typed));
    if (problem) return refused(problem);
    const user = await setUsername(transaction, userId, typed);
    if (user.username === account.username) return done(user);
    await recordEvent(transaction, {
      type: AuditEventType.USERNAME_CHANGED,
      userId,
      actorId: userId,
      sessionId,
      client,
      personal: { from: account.username, to: user.username },
    });
    const previousUsername = account.username;
    await enqueueMail(transaction, { template: "username-changed", userId, previousUsername });
    return done(user);
  });
}

/** Null once the name is the account's to have, and its present one is kept from others. */
const claim = async (
  transaction: Database,
  userId: string,
  { canonicalUsername: present }: { readonly canonicalUsername: string },
  typed: string,
): Promise<BrokenRule | null> => {
  const username = requireUsername(typed).canonical;
  // Another way to write the same name.
  if (username === present) return null;
  const reserved = await countReservedUsernames(transaction, userId, { except: username });
  if (reserved >= maxReservedUsernames) return tooManyChanges;
  if (!(await claimUsername(transaction, { username, userId }))) return usernameTaken;
  await reserveUsername(transaction, { username: present, userId });
  return null;
};

const setUsername = (transaction: Database, userId: string, typed: string) => {
  const { shown, canonical } = requireUsername(typed);
  return transaction
    .updateTable("users")
    .set({ username: shown, canonical_username: canonical })
    .where("id", "=", userId)
    .returning(userColumns)
    .executeTakeFirstOrThrow();
};

const tooManyChanges = brokenRule(
  "username",
  "max_changes",
  `At most ${maxReservedUsernames} earlier usernames are kept for an account. Take one back, or wait until one is free.`,
);
