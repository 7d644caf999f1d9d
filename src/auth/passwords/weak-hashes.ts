// Counts the stored hashes that are weaker than the current policy.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { isWeakHash } from "./hash.ts";

/** Checks one hash of each kind, by the same rule by which a login renews them. */
export const countWeakHashes = async (database: Database): Promise<number> => {
  const kinds = await database
    .selectFrom("users")
    .select(({ fn }) => [fn.min<string>("password_hash").as("example"), fn.countAll().as("count")])
    .where("password_hash", "is not", null)
    // The part before the salt.
    .groupBy(sql`(string_to_array(password_hash, '$'))[1:4]`)
    .execute();
  return kinds
    .filter(({ example }) => isWeakHash(example))
    .reduce((sum, { count }) => sum + Number(count), 0);
};
