// Changes the viewer's username. The old one stays reserved, so that nobody can pose as the user.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, brokenRule, done, type Result, refused } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { withoutEdges } from "../text/edges.ts";
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";
import {
  claimUsername,
  countReservedUsernames,
  reserveUsername,
  usernameTaken,
} from "../users/reserved-usernames.ts";
import { userColumns, type Viewer } from "../viewer/viewer.ts";
import { requireOwnAccount } from "./own-account.ts";

/** Without a limit, one user could reserve any number of names. */
const maxReservedUsernames = 10;

/** Returns the updated user. Throws REAUTHENTICATION_REQUIRED. */
export async function changeUsername(
  { services, client }: Context,
  { viewer, username }: { readonly viewer: Viewer; readonly username: string },
): Promise<Result<Viewer["user"]>> {
  const typed = withoutEdges(username);
  const { userId, sessionId } = viewer;
  return changeUser(services, userId, async (transaction) => {
    const account = await requireOwnAccount(transaction, services, viewer);
    const problem =
      typed === account.username
        ? null
        : (findUsernameProblem(typed) ??
          (services.applicationNames.has(typed) ? usernameTaken : null) ??
          (await claim(transaction, userId, account, typed)));
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

/** Returns null when the name may be used; then the old name is reserved. */
const claim = async (
  transaction: Database,
  userId: string,
  present: { readonly username: string; readonly canonicalUsername: string },
  username: string,
): Promise<BrokenRule | null> => {
  // In other capitals a name may look like another's: an `I` is an `l`.
  if (requireUsername(username).canonical === present.canonicalUsername)
    return (await claimUsername(transaction, { username, userId })) ? null : usernameTaken;
  const reserved = await countReservedUsernames(transaction, userId, { except: username });
  if (reserved >= maxReservedUsernames) return tooManyChanges;
  if (!(await claimUsername(transaction, { username, userId }))) return usernameTaken;
  await reserveUsername(transaction, { username: present.username, userId });
  return null;
};

const setUsername = (transaction: Database, userId: string, typed: string) => {
  const { shown, canonical, skeleton } = requireUsername(typed);
  return transaction
    .updateTable("users")
    .set({ username: shown, canonical_username: canonical, username_skeleton: skeleton })
    .where("id", "=", userId)
    .returning(userColumns)
    .executeTakeFirstOrThrow();
};

const tooManyChanges = brokenRule(
  "username",
  "max_changes",
  `You have ${maxReservedUsernames} old usernames that are still reserved. Go back to one of them, or wait until one is no longer reserved.`,
);
