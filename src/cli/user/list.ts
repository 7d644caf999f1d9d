// `graphward user list` lists users, newest first or by relevance to a search.
import { Command, InvalidArgumentError } from "commander";
import { maxItems } from "../../auth/page.ts";
import type { ListedUser } from "../../auth/users/page.ts";
import type { UserQuery } from "../../auth/users/ranges.ts";
import type { Database } from "../../database/tables.ts";
import { print, printJson } from "../command/terminal.ts";

interface Options {
  readonly search?: string;
  readonly role?: string;
  readonly inactive?: true;
  readonly limit: number;
  readonly json?: true;
}

export const listCommand = new Command("list")
  .description("list users, newest first, or in alphabetical order with --search")
  .option("--search <text>", "match the beginning of the username or the email")
  .option("--role <ROLE>", "only users with this role")
  .option("--inactive", "only deactivated users")
  .option("--limit <number>", "the maximum number of users", readLimit, 100)
  .option("--json", "print JSON")
  .action(async ({ search, role, inactive, limit, json }: Options) => {
    const { withDatabase } = await import("../command/with-database.ts");
    const { inFull, inOneLine } = await import("./describe.ts");
    await withDatabase(async ({ database }) => {
      const isActive = inactive ? false : null;
      const query = { search: search ?? null, role: role ?? null, isActive, emailVerified: null };
      const { users, isAll } = await findUsers(database, query, limit);
      if (json) return printJson(await Promise.all(users.map(inFull)));
      if (users.length === 0) return print("No users found.");
      for (const user of users) print(inOneLine(user));
      if (!isAll) print(`There are more users than the first ${limit}: use a higher --limit.`);
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
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number, at least 1.");
  return Number(text);
}
