// Whether a user has a second factor, as part of SQL statements.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";

/** Confirmed: a secret that waits for its first code proves nothing. */
export const hasTotp = sql<boolean>`exists(
  select from ${ownTable("totp_factors")} as totp where totp.user_id = users.id and totp.confirmed_at is not null)`;

export const hasPasskey = sql<boolean>`exists(
  select from ${ownTable("passkeys")} as passkey where passkey.user_id = users.id)`;

/** For one row of `users`. Recovery codes alone are none: they stand in for one. */
export const hasSecondFactor = sql<boolean>`(${hasTotp} or ${hasPasskey})`;
