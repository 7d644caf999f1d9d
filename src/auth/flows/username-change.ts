// Another username. The old one stays out of reach for others, so that nobody can pose as its owner.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { BrokenRule, Result } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
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
const reservedUsernamesAtMost = 10;

/** The account as it is now, or the broken rule. Throws REAUTHENTICATION_REQUIRED. */
export const changeUsername = async (
  { database, client, viewers }: Context,
  viewer: Viewer,
  typed: string,
): Promise<Result<Viewer["user"]>> => {
  const { userId, sessionId } = viewer;
  const changed = await database
    .transaction()
    .execute(async (transaction): Promise<Result<Viewer["user"]>> => {
      const account = await requireOwnAccount(transaction, viewer);
      const problem = findUsernameProblem(typed) ?? (await claim(transaction, userId, account, typed));
      if (problem) return { ok: false, problems: [problem] };
      const user = await setUsername(transaction, userId, typed);
      if (user.username === account.username) return { ok: true, value: user };
      await recordEvent(transaction, {
        type: AuditEventType.USERNAME_CHANGED,
        userId,
        actorId: userId,
        sessionId,
        client,
        personal: { from: account.username, to: user.username },
      });
      await enqueueMail(transaction, {
        template: "username-changed",
        userId,
        previousUsername: account.username,
      });
      return { ok: true, value: user };
    });
  viewers.forget(userId);
  return changed;
};

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
  if (reserved >= reservedUsernamesAtMost) return tooManyChanges;
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

const tooManyChanges: BrokenRule = {
  field: "username",
  rule: "max_changes",
  message: `At most ${reservedUsernamesAtMost} earlier usernames are kept for an account. Take one back, or wait until one is free.`,
};
