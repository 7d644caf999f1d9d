// The rows of passkeys. Knows no HTTP and no WebAuthn.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";

/** Newest first; all of the user's, or those among `ids`. */
export const listPasskeys = (database: Database, userId: string, ids: readonly string[] | "all" = "all") =>
  database
    .selectFrom("passkeys")
    .select(["id", "name", "backed_up as backedUp", "created_at as createdAt", "last_used_at as lastUsedAt"])
    .where("user_id", "=", userId)
    .$if(ids !== "all", (passkeys) => passkeys.where("id", "=", sql<string>`any(${[...ids]}::uuid[])`))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();

/** The ids of the user's passkeys among these. */
export const selectPasskeyIds = (userId: string, ids: readonly string[]) =>
  sql<{
    id: string;
  }>`select id from ${ownTable("passkeys")} where user_id = ${userId}::uuid and id = any(${[...ids]}::uuid[])`;
