// Clears what is counted against an account, for an operator.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";
import { accountKey } from "./password-attempts.ts";
import type { BudgetKey } from "./rate-limits.ts";
import { findCanonicalUsername } from "./text/usernames.ts";

/** How many counts there were; null when there is no such user. */
export const unlockAccount = async (
  database: Database,
  username: string,
  keyOf: BudgetKey,
): Promise<number | null> => {
  const account = await database
    .selectFrom("users")
    .select(["id", "canonical_username", "canonical_email"])
    .where("canonical_username", "=", findCanonicalUsername(username))
    .executeTakeFirst();
  if (account === undefined) return null;
  const typed = [account.canonical_username, account.canonical_email].filter((it) => it !== null);
  const ofAccount = accountKey(keyOf, { userId: account.id });
  const keys = [...typed.map((it) => accountKey(keyOf, { typed: it })), ofAccount];
  const named = keys.flatMap((key) => [`login.account:${key}`, `login.waits:${key}`]);
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where(({ or, eb }) =>
      or([
        eb("key", "in", [...named, `login.address:${ofAccount}`]),
        sql<boolean>`starts_with(key, ${`login.device:${ofAccount} `})`,
        sql<boolean>`starts_with(key, ${`login.waits:${ofAccount} `})`,
      ]),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
};
