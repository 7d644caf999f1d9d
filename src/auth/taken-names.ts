// Whether somebody else has a username or an address. For those who make accounts for others: registration must not tell.
import type { Database } from "../database/tables.ts";
import type { BrokenRule } from "../errors.ts";
import { findCanonicalEmail } from "./email-address.ts";
import { lockName } from "./name-lock.ts";
import { canonicalUsername } from "./username.ts";

/** As typed, and well formed. Null for one that is not asked about. */
interface Names {
  readonly username: string | null;
  readonly email: string | null;
}

/** What is free stays so until the transaction ends. `userId`: whose own names are not taken; null for a new account. */
export const findTakenNames = async (
  transaction: Database,
  { username, email }: Names,
  userId: string | null,
): Promise<readonly BrokenRule[]> => {
  const problems: BrokenRule[] = [];
  if (username !== null) {
    const canonical = canonicalUsername(username);
    await lockName(transaction, "username", canonical);
    if (await isTaken(transaction, "canonical_username", canonical, userId)) problems.push(usernameTaken);
  }
  if (email !== null) {
    const canonical = findCanonicalEmail(email) ?? "";
    await lockName(transaction, "address", canonical);
    if (await isTaken(transaction, "canonical_email", canonical, userId)) problems.push(addressTaken);
  }
  return problems;
};

const isTaken = async (
  transaction: Database,
  column: "canonical_username" | "canonical_email",
  name: string,
  userId: string | null,
): Promise<boolean> => {
  const owner = await transaction
    .selectFrom("users")
    .select("id")
    .where(column, "=", name)
    .executeTakeFirst();
  return owner !== undefined && owner.id !== userId;
};

export const usernameTaken: BrokenRule = {
  field: "username",
  rule: "unique",
  message: "This username is taken.",
};

const addressTaken: BrokenRule = {
  field: "email",
  rule: "unique",
  message: "This e-mail address is taken.",
};
