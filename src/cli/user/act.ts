// What the commands that change a user share. They check no permissions: an operator at the command line has the database's password anyway.

import { type Act, lockUsers } from "../../auth/administration/administer.ts";
import { fromCommandLine } from "../../auth/audit/record.ts";
import { findUserId } from "../../auth/users/find.ts";
import { requireShownUser, type ShownUser } from "../../auth/users/shown-user.ts";
import type { Database } from "../../database/tables.ts";
import { transact } from "../../database/transaction.ts";
import { TableError } from "../../errors.ts";
import { requireValue } from "../command/terminal.ts";

/** Returns the user after the change. Throws an error with a one-line message. */
export const actOn = async (database: Database, username: string, act: Act): Promise<ShownUser> => {
  const id = requireValue(await findUserId(database, username));
  await transact(database, async (transaction) => {
    const [account] = await lockUsers(transaction, [id]);
    if (account === undefined) throw new Error("There is no such user.");
    const problems = await act(transaction, account, fromCommandLine, null);
    requireValue(problems.length === 0 ? { ok: true, value: null } : { ok: false, problems });
  }).catch((error: unknown) => {
    throw isForbidden(error)
      ? new Error(`${username} is the last active administrator. Make another user an administrator first.`)
      : error;
  });
  return requireShownUser(database, id);
};

/** The only refusal that also applies at the command line. */
const isForbidden = (error: unknown): boolean => error instanceof TableError && error.code === "FORBIDDEN";
