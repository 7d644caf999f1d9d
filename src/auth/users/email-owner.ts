// Finds the user of an email, and gives an email to the user who has verified it.
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

/** The result holds until the transaction ends: no other user can take the email meanwhile. */
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
