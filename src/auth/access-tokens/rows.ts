// The rows of access tokens: list, touch, expire. Knows no HTTP.
import { sql } from "kysely";
import { ago } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { touchInterval } from "../sessions/lifetimes.ts";

/** The columns that the GraphQL type `AccessToken` shows. */
export const shownColumns = [
  "access_tokens.id",
  "access_tokens.name",
  "access_tokens.hint",
  "access_tokens.scopes",
  "access_tokens.expires_at as expiresAt",
  "access_tokens.last_used_at as lastUsedAt",
  "access_tokens.created_at as createdAt",
] as const;

/** The tokens that have not expired, newest first; all of the user's, or those among `ids`. */
export const listAccessTokens = (
  database: Database,
  userId: string,
  ids: readonly string[] | "all" = "all",
) =>
  database
    .selectFrom("access_tokens")
    .select(shownColumns)
    .where("user_id", "=", userId)
    .$if(ids !== "all", (tokens) => tokens.where("id", "=", sql<string>`any(${[...ids]}::uuid[])`))
    .where("expires_at", ">", sql<Date>`now()`)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();

/** The ids of the user's tokens among these, expired or not. */
export const selectAccessTokenIds = (userId: string, ids: readonly string[]) =>
  sql<{
    id: string;
  }>`select id from ${ownTable("access_tokens")} where user_id = ${userId}::uuid and id = any(${[...ids]}::uuid[])`;

export type ShownAccessToken = Awaited<ReturnType<typeof listAccessTokens>>[number];

/** True when the last use is old enough to be worth a write. */
export const isAccessTokenTouchDue = sql<boolean>`coalesce(access_tokens.last_used_at < ${ago(touchInterval)}, true)`;

/** Locks the rows in a fixed order, so that the batches of two servers wait for each other and do not deadlock. */
export const touchAccessTokens = async (database: Database, ids: readonly string[]): Promise<void> => {
  await database
    .updateTable("access_tokens")
    .set({ last_used_at: sql<Date>`now()` })
    .where("id", "in", (tokens) =>
      tokens
        .selectFrom("access_tokens")
        .select("id")
        .where("id", "=", sql<string>`any(${[...ids]}::uuid[])`)
        .where(isAccessTokenTouchDue)
        .orderBy("id")
        .forUpdate(),
    )
    .execute();
};

/** Deletes expired tokens, which were already refused. Returns how many. */
export const pruneAccessTokens = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("access_tokens")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};
