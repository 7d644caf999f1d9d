// Clears the attempt counts of a user, for an operator.
import {
  type ClearedPlaces,
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
  places: ClearedPlaces,
  username: string,
  keyOf: BudgetKey,
): Promise<number | null> => {
  const account = await places.database
    .selectFrom("users")
    .select(["id", "canonical_username as canonicalUsername", "canonical_email as canonicalEmail"])
    .where("canonical_username", "=", findCanonicalUsername(withoutEdges(username)))
    .executeTakeFirst();
  if (account === undefined) return null;
  const { canonicalEmail } = account;
  const attempts =
    (await clearAttemptsOf(places, account, keyOf)) +
    (await clearFactorAttemptsOf(places, account.id, keyOf));
  if (canonicalEmail === null) return attempts;
  const codes = await clearCodeAttemptsOf(places, canonicalEmail, keyOf);
  return attempts + codes + (await clearMailTo(places, canonicalEmail, keyOf));
};
