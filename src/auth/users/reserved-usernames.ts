// Usernames that were given up: for a while nobody else may have them, for whoever takes one is taken for who had it.
import { hash } from "node:crypto";
import { sql } from "kysely";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import type { BrokenRule } from "../../errors.ts";
import { days } from "../../time.ts";
import { lockName } from "./locks.ts";

const reservedFor = days(90);

/** Whoever wants a username: an account that may have had it before, or null for one that is still to be made. */
export interface Claim {
  /** The canonical form. */
  readonly username: string;
  readonly userId: string | null;
}

/**
 * True when nobody has it, and nobody else had it until lately; then it stays free until the transaction ends. Call it in
 * the transaction that gives it to the account.
 */
export const claimUsername = async (transaction: Database, { username, userId }: Claim): Promise<boolean> => {
  await lockName(transaction, "username", username);
  const digest = digestOf(username);
  // One statement, so that a name which is given up at this moment is seen either as taken or as reserved.
  const { rows } = await sql<{ isFree: boolean }>`
    select not exists (
        select from users where canonical_username = ${username} and id is distinct from ${userId}::uuid)
      and not exists (
        select from reserved_usernames where digest = ${digest} and reserved_until > now()
          and not coalesce(user_id = ${userId}::uuid, false)) as "isFree"`.execute(transaction);
  if (rows[0]?.isFree !== true) return false;
  await transaction.deleteFrom("reserved_usernames").where("digest", "=", digest).execute();
  return true;
};

/**
 * For the transaction in which the account gives the name up. `userId` may take it back; null when the account is deleted in
 * this transaction.
 */
export const reserveUsername = async (transaction: Database, { username, userId }: Claim): Promise<void> => {
  const reservation = {
    user_id: userId,
    reserved_until: fromNow(reservedFor),
  };
  await transaction
    .insertInto("reserved_usernames")
    .values({ digest: digestOf(username), ...reservation })
    .onConflict((conflict) => conflict.column("digest").doUpdateSet(reservation))
    .execute();
};

/** How many an account keeps from others, the named one not counted. */
export const countReservedUsernames = async (
  transaction: Database,
  userId: string,
  { except }: { readonly except: string },
): Promise<number> => {
  const { count } = await transaction
    .selectFrom("reserved_usernames")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .where("user_id", "=", userId)
    .where("reserved_until", ">", sql<Date>`now()`)
    .where("digest", "<>", digestOf(except))
    .executeTakeFirstOrThrow();
  return Number(count);
};

/** How many. */
export const pruneReservedUsernames = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("reserved_usernames")
    .where("reserved_until", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** Told alike of a name that is reserved. */
export const usernameTaken: BrokenRule = {
  field: "username",
  rule: "unique",
  message: "This username is taken.",
};

/** Enough to refuse a name, and no list of the names of people who have left. */
const digestOf = (canonical: string): Buffer => hash("sha256", canonical, "buffer");
