// Counts what an operator should know about second factors. Reads only.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { keyIdLength } from "../secrets/sealed.ts";
import { hasSecondFactor } from "../viewer/second-factor.ts";
import { isAdministrative } from "./trusted-browsers.ts";

const count = sql<number>`count(*)::int`.as("count");

const countActive = (database: Database) =>
  database.selectFrom("users").select(count).where("users.is_active", "=", true);

/** With a permission or `ADMIN`: a stolen password is enough to become one of them. */
export async function countUnprotectedAdministrators(database: Database): Promise<number> {
  const found = countActive(database).where(isAdministrative).where(sql<boolean>`not ${hasSecondFactor}`);
  return (await found.executeTakeFirstOrThrow()).count;
}

/** Authenticator apps whose secret none of these keys opens. */
export async function countUnreadableSecrets(database: Database, keyIds: readonly Buffer[]): Promise<number> {
  const found = database
    .selectFrom("totp_factors")
    .select(count)
    .where("sealed_secret", "is not", null)
    .where(
      sql<boolean>`substring(sealed_secret from 1 for ${keyIdLength}::int) <> all(${[...keyIds]}::bytea[])`,
    );
  return (await found.executeTakeFirstOrThrow()).count;
}

/** Those among `roles` that neither the table of roles nor a user has. */
export async function findUnknownRoles(
  database: Database,
  roles: readonly string[],
): Promise<readonly string[]> {
  const known = await database
    .selectFrom("roles")
    .select("name")
    .union(database.selectFrom("role_members").select("role as name"))
    .execute();
  return roles.filter((role) => !known.some(({ name }) => name === role));
}
