// What the commands that change an account share. No rule about authority: whoever runs them holds the database's password.

import { type Act, lockUsers } from "../../auth/administration/administer.ts";
import { fromCommandLine } from "../../auth/audit/record.ts";
import { findUserId } from "../../auth/users/find.ts";
import { requireShownUser, type ShownUser } from "../../auth/users/shown-user.ts";
import type { Database } from "../../database/tables.ts";
import { TableError } from "../../errors.ts";
import { requireValue } from "../terminal.ts";

/** The account as it is then. Throws an error of one readable line. */
export const actOn = async (database: Database, username: string, act: Act): Promise<ShownUser> => {
  const id = requireValue(await findUserId(database, username));
  await database
    .transaction()
    .execute(async (transaction) => {
      const [account] = await lockUsers(transaction, [id]);
      if (account === undefined) throw new Error("There is no such user.");
      const problems = await act(transaction, account, fromCommandLine, null);
      requireValue(problems.length === 0 ? { ok: true, value: null } : { ok: false, problems });
    })
    .catch((error: unknown) => {
      throw isForbidden(error)
        ? new Error(`${username} is the last active administrator: make another one first.`)
        : error;
    });
  return requireShownUser(database, id);
};

/** The one thing that even the command line may not do. */
const isForbidden = (error: unknown): boolean => error instanceof TableError && error.code === "FORBIDDEN";
