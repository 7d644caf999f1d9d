// What is counted against one account: under which keys, and how it is cleared.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import type { BudgetKey } from "./rate-limits.ts";

/** Whose password is tried. */
export type PasswordSubject =
  /** As it was typed, in its canonical form, existing or not: one that is not there must not answer differently. */
  | { readonly typed: string }
  /** By whoever is logged in to the account, or has its link: it must not cost the owner's logins. */
  | { readonly userId: string };

export interface CountedUser {
  readonly id: string;
  readonly canonicalUsername: string;
  readonly canonicalEmail: string | null;
}

export const accountKey = (keyOf: BudgetKey, subject: PasswordSubject): string =>
  "typed" in subject ? keyOf("typed", subject.typed) : keyOf("user", subject.userId);

/** Of wrong passwords, by its names and its devices. How many counts there were. */
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
    .where(({ or, eb }) =>
      or([
        eb("key", "in", [...named, `login.ip:${ofAccount}`]),
        sql<boolean>`starts_with(key, ${`login.device:${ofAccount} `})`,
        sql<boolean>`starts_with(key, ${`login.waits:${ofAccount} `})`,
      ]),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** Of mail that strangers can cause. How many counts there were. */
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
