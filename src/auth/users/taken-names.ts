// Checks whether another user has a username or email. Only for administration: registration must not reveal emails.
import type { Database } from "../../database/tables.ts";
import type { BrokenRule } from "../../errors.ts";
import { lockEmailOwner } from "./email-owner.ts";
import { claimUsername, usernameTaken } from "./reserved-usernames.ts";

/** As typed, and valid. Null: not checked. */
interface Names {
  readonly username: string | null;
  readonly email: string | null;
}

/** A free name stays free until the transaction ends. `userId`: the user whose own names do not count as taken; null for a new user. */
export const findTakenNames = async (
  transaction: Database,
  { username, email }: Names,
  userId: string | null,
): Promise<readonly BrokenRule[]> => {
  const isFree = username === null || (await claimUsername(transaction, { username, userId }));
  const owner = email === null ? undefined : await lockEmailOwner(transaction, email);
  return [
    ...(isFree ? [] : [usernameTaken]),
    ...(owner === undefined || owner.id === userId ? [] : [addressTaken]),
  ];
};

const addressTaken: BrokenRule = {
  field: "email",
  rule: "unique",
  message: "This email is taken.",
};
