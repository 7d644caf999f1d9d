// Clears the attempt counts of a user, for an operator.
import type { Database } from "../../database/tables.ts";
import {
  clearAttemptsOf,
  clearCodeAttemptsOf,
  clearFactorAttemptsOf,
  clearMailTo,
} from "../limits/attempt-counts.ts";
import type { BudgetKey } from "../limits/rate-limits.ts";
import { withoutEdges } from "../text/edges.ts";
import { findCanonicalUsername } from "../text/usernames.ts";

/** Returns how many counts were cleared, or null when there is no such user. */
export const unlockAccount = async (
  database: Database,
  username: string,
  keyOf: BudgetKey,
): Promise<number | null> => {
  const account = await database
    .selectFrom("users")
    .select(["id", "canonical_username as canonicalUsername", "canonical_email as canonicalEmail"])
    .where("canonical_username", "=", findCanonicalUsername(withoutEdges(username)))
    .executeTakeFirst();
  if (account === undefined) return null;
  const { canonicalEmail } = account;
  const attempts =
    (await clearAttemptsOf(database, account, keyOf)) +
    (await clearFactorAttemptsOf(database, account.id, keyOf));
  if (canonicalEmail === null) return attempts;
  const codes = await clearCodeAttemptsOf(database, canonicalEmail, keyOf);
  return attempts + codes + (await clearMailTo(database, canonicalEmail, keyOf));
};
