// Whether somebody else has a username or an address. For those who make accounts for others: registration must not tell of addresses.
import type { Database } from "../../database/tables.ts";
import type { BrokenRule } from "../../errors.ts";
import { requireUsername } from "../text/usernames.ts";
import { lockEmailOwner } from "./email-owner.ts";
import { claimUsername, usernameTaken } from "./reserved-usernames.ts";

/** As typed, and well formed. Null for one that is not asked about. */
interface Names {
  readonly username: string | null;
  readonly email: string | null;
}

/**
 * What is free stays so until the transaction ends, which must give it to the account or be undone. `userId`: whose own names
 * are not taken; null for a new account.
 */
export const findTakenNames = async (
  transaction: Database,
  { username, email }: Names,
  userId: string | null,
): Promise<readonly BrokenRule[]> => {
  const isFree =
    username === null ||
    (await claimUsername(transaction, { username: requireUsername(username).canonical, userId }));
  const owner = email === null ? undefined : await lockEmailOwner(transaction, email);
  return [
    ...(isFree ? [] : [usernameTaken]),
    ...(owner === undefined || owner.id === userId ? [] : [addressTaken]),
  ];
};

const addressTaken: BrokenRule = {
  field: "email",
  rule: "unique",
  message: "This e-mail address is taken.",
};
