// The keys under which a user's attempts are counted, and how they are cleared.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { lockedInOrder } from "./counting.ts";
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
  database: Database,
  { id, canonicalUsername, canonicalEmail }: CountedUser,
  keyOf: BudgetKey,
): Promise<number> => {
  const typed = canonicalEmail === null ? [canonicalUsername] : [canonicalUsername, canonicalEmail];
  const ofAccount = accountKey(keyOf, { userId: id });
  const keys = [...typed.map((it) => accountKey(keyOf, { typed: it })), ofAccount];
  const named = keys.flatMap((key) => [`login.account:${key}`, `login.waits:${key}`]);
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("key", "in", (rows) =>
      lockedInOrder(rows).where(({ or, eb }) =>
        or([
          eb("key", "in", [...named, `login.ip:${ofAccount}`]),
          sql<boolean>`starts_with(key, ${`login.device:${ofAccount} `})`,
          sql<boolean>`starts_with(key, ${`login.waits:${ofAccount} `})`,
        ]),
      ),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** Clears the wrong second factors. Not part of a password reset: it would give new guesses to a stranger who reads the mailbox. */
export const clearFactorAttemptsOf = async (
  database: Database,
  userId: string,
  keyOf: BudgetKey,
): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("key", "in", [
      `factor.account:${factorKey(keyOf, userId, "login")}`,
      `factor.account:${factorKey(keyOf, userId, "session")}`,
    ])
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** Clears the wrong login codes that anybody could count against the email. Returns how many counts there were. */
export const clearCodeAttemptsOf = async (
  database: Database,
  canonicalEmail: string,
  keyOf: BudgetKey,
): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("key", "=", `code.account:${codeKey(keyOf, { address: canonicalEmail, browserId: null })}`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** Clears the count of mails that strangers can trigger. Returns how many counts there were. */
export const clearMailTo = async (
  database: Database,
  canonicalEmail: string,
  keyOf: BudgetKey,
): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("key", "=", `mail.account:${keyOf(canonicalEmail)}`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};
