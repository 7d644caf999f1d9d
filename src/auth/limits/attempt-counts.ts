// The keys under which a user's attempts are counted, and how they are cleared.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { lockedInOrder } from "./counting.ts";
import type { RedisCounts } from "./counting-in-redis.ts";
import type { BudgetKey } from "./rate-limits.ts";

/** Whose password is tried. */
export type PasswordSubject =
  /** The canonical form of what was typed, whether the user exists or not, so that responses do not differ. */
  | { readonly typed: string }
  /** Tried by a caller who is logged in or has a link: it must not spend the budget of the user's logins. */
  | { readonly userId: string };

export interface CountedUser {
  readonly id: string;
  readonly canonicalUsername: string;
  readonly canonicalEmail: string | null;
}

/** Where counts are cleared: everywhere, because a point may have been counted in either. */
export interface ClearedPlaces {
  readonly database: Database;
  /** Null: there is none. */
  readonly redis: Pick<RedisCounts, "forget"> | null;
}

export const accountKey = (keyOf: BudgetKey, subject: PasswordSubject): string =>
  "typed" in subject ? keyOf("typed", subject.typed) : keyOf("user", subject.userId);

/** Whose mailed code is tried. A familiar browser has a count of its own. */
export const codeKey = (
  keyOf: BudgetKey,
  { address, browserId }: { readonly address: string; readonly browserId: string | null },
): string => (browserId === null ? keyOf("code", address) : keyOf("code", address, browserId));

export const factorKey = (keyOf: BudgetKey, userId: string, by: "login" | "session"): string =>
  keyOf("factor", by, userId);

/** Clears the wrong passwords counted by the user's names and devices. Returns how many counts there were. */
export const clearAttemptsOf = async (
  { database, redis }: ClearedPlaces,
  { id, canonicalUsername, canonicalEmail }: CountedUser,
  keyOf: BudgetKey,
): Promise<number> => {
  const typed = canonicalEmail === null ? [canonicalUsername] : [canonicalUsername, canonicalEmail];
  const ofAccount = accountKey(keyOf, { userId: id });
  const keys = [...typed.map((it) => accountKey(keyOf, { typed: it })), ofAccount];
  const named = keys.flatMap((key) => [`login.account:${key}`, `login.waits:${key}`]);
  const inBoth = [...named, `login.ip:${ofAccount}`];
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("key", "in", (rows) =>
      lockedInOrder(rows).where(({ or, eb }) =>
        or([
          eb("key", "in", inBoth),
          sql<boolean>`starts_with(key, ${`login.device:${ofAccount} `})`,
          sql<boolean>`starts_with(key, ${`login.waits:${ofAccount} `})`,
        ]),
      ),
    )
    .executeTakeFirst();
  // The last stands for all familiar browsers.
  const forgotten = await redis?.forget([...inBoth, `login.device:${ofAccount}`]);
  return Number(numDeletedRows) + (forgotten ?? 0);
};

/** Clears the wrong second factors. Not part of a password reset: it would give new guesses to a stranger who reads the mailbox. */
export const clearFactorAttemptsOf = (
  places: ClearedPlaces,
  userId: string,
  keyOf: BudgetKey,
): Promise<number> =>
  clearCounts(places, [
    `factor.account:${factorKey(keyOf, userId, "login")}`,
    `factor.account:${factorKey(keyOf, userId, "session")}`,
  ]);

/** Clears the wrong login codes that anybody could count against the email. Returns how many counts there were. */
export const clearCodeAttemptsOf = (
  places: ClearedPlaces,
  canonicalEmail: string,
  keyOf: BudgetKey,
): Promise<number> =>
  clearCounts(places, [`code.account:${codeKey(keyOf, { address: canonicalEmail, browserId: null })}`]);

/** Clears the count of mails that strangers can trigger. Returns how many counts there were. */
export const clearMailTo = (
  places: ClearedPlaces,
  canonicalEmail: string,
  keyOf: BudgetKey,
): Promise<number> => clearCounts(places, [`mail.account:${keyOf(canonicalEmail)}`]);

const clearCounts = async ({ database, redis }: ClearedPlaces, keys: readonly string[]): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("key", "in", (rows) => lockedInOrder(rows).where("key", "in", keys))
    .executeTakeFirst();
  return Number(numDeletedRows) + ((await redis?.forget(keys)) ?? 0);
};
