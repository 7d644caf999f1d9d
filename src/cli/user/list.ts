// `graphward user list` shows accounts, newest first or as they are found.
import { Command, InvalidArgumentError } from "commander";
import { maxItems } from "../../auth/page.ts";
import type { ListedUser } from "../../auth/users/page.ts";
import type { UserQuery } from "../../auth/users/ranges.ts";
import type { Database } from "../../database/tables.ts";
import { print, printJson } from "../terminal.ts";

interface Options {
  readonly search?: string;
  readonly role?: string;
  readonly inactive?: true;
  readonly limit: number;
  readonly json?: true;
}

export const listCommand = new Command("list")
  .description("accounts, newest first; those that are searched for in alphabetical order")
  .option("--search <text>", "how the username or the address begins")
  .option("--role <ROLE>", "only those who hold this role")
  .option("--inactive", "only those that are deactivated")
  .option("--limit <number>", "how many at most", readLimit, 100)
  .option("--json", "as JSON")
  .action(async ({ search, role, inactive, limit, json }: Options) => {
    const { withDatabase } = await import("../with-database.ts");
    const { inFull, inOneLine } = await import("./describe.ts");
    await withDatabase(async ({ database }) => {
      const isActive = inactive ? false : null;
      const query = { search: search ?? null, role: role ?? null, isActive, emailVerified: null };
      const { users, isAll } = await findUsers(database, query, limit);
      if (json) return printJson(await Promise.all(users.map(inFull)));
      if (users.length === 0) return print("There is no such account.");
      for (const user of users) print(inOneLine(user));
      if (!isAll) print(`There are more: --limit shows other than the first ${limit}.`);
    });
  });

const findUsers = async (database: Database, query: UserQuery, limit: number) => {
  const { findUserPage } = await import("../../auth/users/page.ts");
  const users: ListedUser[] = [];
  let after: string | null = null;
  let isAll = false;
  while (!isAll && users.length < limit) {
    const first = Math.min(maxItems, limit - users.length);
    const page = await findUserPage(database, query, { first, after });
    users.push(...page.rows);
    after = page.endCursor ?? null;
    isAll = !page.hasNextPage;
  }
  return { users, isAll };
};

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("It is a whole number, from 1 on.");
  return Number(text);
}
