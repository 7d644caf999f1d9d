// Claims a username that nobody has or had until recently, nor one that looks like it, and reserves a former one for a while.
import { hash } from "node:crypto";
import { sql } from "kysely";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import type { BrokenRule } from "../../errors.ts";
import { days } from "../../time.ts";
import { requireUsername } from "../text/usernames.ts";
import { lockName } from "./locks.ts";

const reservedFor = days(90);

/** A user who wants the name and may have had it before; `userId` is null for a user who does not exist yet. */
export interface Claim {
  /** As typed, and valid. */
  readonly username: string;
  readonly userId: string | null;
}

/**
 * Returns true when no other user has the name or one that looks like it, or had it until recently; then it stays free until the
 * transaction ends. Call it in the transaction that assigns the name.
 */
export const claimUsername = async (transaction: Database, { username, userId }: Claim): Promise<boolean> => {
  const { canonical, skeleton } = requireUsername(username);
  await lockName(transaction, "username", canonical);
  await lockName(transaction, "skeleton", skeleton);
  const digest = digestOf(canonical);
  // One statement, so that a name that is being given up at this moment is seen as either taken or reserved.
  const { rows } = await sql<{ isFree: boolean }>`
    select not exists (
        select from ${ownTable("users")} where (canonical_username = ${canonical} or username_skeleton = ${skeleton})
          and id is distinct from ${userId}::uuid)
      and not exists (
        select from ${ownTable("reserved_usernames")} where (digest = ${digest} or skeleton_digest = ${digestOf(skeleton)})
          and reserved_until > now()
          and not coalesce(user_id = ${userId}::uuid, false)) as "isFree"`.execute(transaction);
  if (rows[0]?.isFree !== true) return false;
  await transaction.deleteFrom("reserved_usernames").where("digest", "=", digest).execute();
  return true;
};

/**
 * Call it in the transaction in which the user gives the name up. `userId` may take it back; null when the user is deleted in
 * this transaction.
 */
export const reserveUsername = async (transaction: Database, { username, userId }: Claim): Promise<void> => {
  const { canonical, skeleton } = requireUsername(username);
  const reservation = {
    skeleton_digest: digestOf(skeleton),
    user_id: userId,
    reserved_until: fromNow(reservedFor),
  };
  await transaction
    .insertInto("reserved_usernames")
    .values({ digest: digestOf(canonical), ...reservation })
    .onConflict((conflict) => conflict.column("digest").doUpdateSet(reservation))
    .execute();
};

/** How many names the user has reserved, except the given one. */
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
    .where("digest", "<>", digestOf(requireUsername(except).canonical))
    .executeTakeFirstOrThrow();
  return Number(count);
};

/** Returns how many. */
export const pruneReservedUsernames = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("reserved_usernames")
    .where("reserved_until", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** The same for a reserved name as for a taken one. */
export const usernameTaken: BrokenRule = {
  field: "username",
  rule: "unique",
  message: "This username is taken.",
};

/** A digest is enough to refuse a name, and does not list the names of deleted users. */
const digestOf = (form: string): Buffer => hash("sha256", form, "buffer");
