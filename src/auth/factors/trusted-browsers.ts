// Trusted browsers: a random secret in a cookie that spares its user the second step of a login, never the first.
import { type RawBuilder, sql } from "kysely";
import { validate as isUuid, v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { days } from "../../time.ts";
import { digest } from "../secrets/secret.ts";
import type { Client } from "../viewer/client.ts";
import { administratorRole } from "../viewer/permissions.ts";

/** Absolute: a use does not prolong it. */
export const trustedBrowserLifetime = days(30);

/** For one row of `users`. An administrator repeats the second step at every login: a stolen laptop must not be enough. */
export const isAdministrative = sql<boolean>`(${administratorRole} = any(users.roles) or exists(
  select from ${ownTable("roles")} as granting
  where granting.name = any(users.roles) and cardinality(granting.permissions) > 0))`;

/**
 * When the second step was done in this browser, which spares one row of `users` the next; null when it does not. The password and
 * the factors must be those of that day.
 */
export const trustedSince = (secret: string): RawBuilder<Date | null> => sql<Date | null>`(
  select trusted.created_at from ${ownTable("trusted_browsers")} as trusted
  where trusted.digest = ${digest(secret)} and trusted.user_id = users.id and trusted.expires_at > now()
    and trusted.generation = users.device_generation and trusted.factor_epoch = users.factor_epoch
    and not ${isAdministrative})`;

/** Returns false, and trusts nothing, for an administrator. The browser's earlier row ends. */
export async function trustBrowser(
  database: Database,
  {
    userId,
    generation,
    secret,
    earlierSecret,
    client,
  }: {
    readonly userId: string;
    /** That of the proven credentials: a login that was overtaken by a new password trusts nothing. */
    readonly generation: number;
    readonly secret: string;
    readonly earlierSecret: string | null;
    readonly client: Client;
  },
): Promise<boolean> {
  if (earlierSecret !== null)
    await database.deleteFrom("trusted_browsers").where("digest", "=", digest(earlierSecret)).execute();
  const { numInsertedOrUpdatedRows } = await database
    .insertInto("trusted_browsers")
    .columns([
      "id",
      "user_id",
      "digest",
      "generation",
      "factor_epoch",
      "user_agent",
      "ip_address",
      "expires_at",
    ])
    .expression((query) =>
      query
        .selectFrom("users")
        .select([
          sql<string>`${uuidv7()}::uuid`.as("id"),
          "users.id as user_id",
          sql<Buffer>`${digest(secret)}::bytea`.as("digest"),
          "users.device_generation as generation",
          "users.factor_epoch",
          sql<string | null>`${client.userAgent}::text`.as("user_agent"),
          sql<string | null>`${client.ipAddress}::text`.as("ip_address"),
          fromNow(trustedBrowserLifetime).as("expires_at"),
        ])
        .where("users.id", "=", userId)
        .where("users.device_generation", "=", generation)
        .where("users.is_active", "=", true)
        .where(sql<boolean>`not ${isAdministrative}`),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function touchTrustedBrowser(database: Database, secret: string): Promise<void> {
  await database
    .updateTable("trusted_browsers")
    .set({ last_used_at: sql<Date>`now()` })
    .where("digest", "=", digest(secret))
    .execute();
}

/** Those that still spare the user the second step, newest first; all, or those among `ids`. */
export const listTrustedBrowsers = (
  database: Database,
  userId: string,
  ids: readonly string[] | "all" = "all",
) =>
  database
    .selectFrom("trusted_browsers")
    .innerJoin("users", "users.id", "trusted_browsers.user_id")
    .select([
      "trusted_browsers.id",
      "trusted_browsers.user_agent as userAgent",
      "trusted_browsers.ip_address as ipAddress",
      "trusted_browsers.created_at as createdAt",
      "trusted_browsers.last_used_at as lastUsedAt",
      "trusted_browsers.expires_at as expiresAt",
    ])
    .where("trusted_browsers.user_id", "=", userId)
    .whereRef("trusted_browsers.generation", "=", "users.device_generation")
    .whereRef("trusted_browsers.factor_epoch", "=", "users.factor_epoch")
    .where("trusted_browsers.expires_at", ">", sql<Date>`now()`)
    .where(sql<boolean>`not ${isAdministrative}`)
    .$if(ids !== "all", (browsers) =>
      browsers.where("trusted_browsers.id", "=", sql<string>`any(${[...ids]}::uuid[])`),
    )
    .orderBy("trusted_browsers.created_at", "desc")
    .orderBy("trusted_browsers.id", "desc")
    .execute();

/** The ids of the user's trusted browsers among these. */
export const selectTrustedBrowserIds = (userId: string, ids: readonly string[]) =>
  sql<{
    id: string;
  }>`select id from ${ownTable("trusted_browsers")} where user_id = ${userId}::uuid and id = any(${[...ids]}::uuid[])`;

/** Returns false when the user has no such browser. Checks the id first: PostgreSQL fails on text that is not a UUID. */
export async function endTrustedBrowser(
  database: Database,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<boolean> {
  if (!isUuid(id)) return false;
  const ended = database.deleteFrom("trusted_browsers").where("id", "=", id).where("user_id", "=", userId);
  return (await ended.executeTakeFirst()).numDeletedRows === 1n;
}

/** Returns how many. */
export async function endTrustedBrowsersOf(database: Database, userId: string): Promise<number> {
  const ended = database.deleteFrom("trusted_browsers").where("user_id", "=", userId);
  return Number((await ended.executeTakeFirst()).numDeletedRows);
}

/** Those of every user. Returns how many. */
export async function endAllTrustedBrowsers(database: Database): Promise<number> {
  return Number((await database.deleteFrom("trusted_browsers").executeTakeFirst()).numDeletedRows);
}

/** Returns how many. */
export async function pruneTrustedBrowsers(database: Database): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom("trusted_browsers")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
