// Recovery codes: each stands in once for a second factor that is lost.
import { randomInt } from "node:crypto";
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { digest } from "../secrets/secret.ts";
import { canonicalCode } from "../text/codes.ts";

const count = 10;

/** Without letters that look like digits. 32 of them are 5 bits each. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** 120 bits, so that a fast digest of them can be neither guessed nor searched: ASVS 6.5.2 asks for 112. */
const groups = 6;
const groupLength = 4;

/** Ends the earlier ones. Returns the codes, which are stored nowhere. */
export async function replaceRecoveryCodes(transaction: Database, userId: string): Promise<string[]> {
  await removeRecoveryCodes(transaction, userId);
  const codes = Array.from({ length: count }, randomCode);
  await transaction
    .insertInto("recovery_codes")
    .values(codes.map((code) => ({ user_id: userId, digest: digestOf(code) })))
    .execute();
  return codes;
}

/** Deletes the code: of two requests with one code, one finds it. */
export async function acceptRecoveryCode(
  database: Database,
  { userId, code }: { readonly userId: string; readonly code: string },
): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom("recovery_codes")
    .where("user_id", "=", userId)
    .where("digest", "=", digestOf(code))
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

export async function removeRecoveryCodes(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
}

export async function countRecoveryCodes(database: Database, userId: string): Promise<number> {
  const { left } = await database
    .selectFrom("recovery_codes")
    .select(sql<number>`count(*)::int`.as("left"))
    .where("user_id", "=", userId)
    .executeTakeFirstOrThrow();
  return left;
}

const randomCode = (): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: groupLength }, () => alphabet[randomInt(alphabet.length)]).join(""),
  ).join("-");

const digestOf = (typed: string): Buffer => digest(canonicalCode(typed));
