// Whose an address is: found, and given to whoever has proven it.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { lockName } from "./locks.ts";

export const findEmailOwner = (transaction: Database, email: string) =>
  transaction
    .selectFrom("users")
    .select("id")
    .where("canonical_email", "=", findCanonicalEmail(email))
    .executeTakeFirst();

/** The answer holds until the transaction ends: nobody else takes the address meanwhile. */
export const lockEmailOwner = async (transaction: Database, email: string) => {
  await lockName(transaction, "address", findCanonicalEmail(email) ?? "");
  return findEmailOwner(transaction, email);
};

export const setProvenEmail = async (transaction: Database, userId: string, email: string): Promise<void> => {
  await transaction
    .updateTable("users")
    .set({
      email,
      canonical_email: findCanonicalEmail(email),
      pending_email: null,
      email_verified_at: sql<Date>`now()`,
    })
    .where("id", "=", userId)
    .execute();
};
