// Whether a user can still log in: the last way into an account is not removed.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import type { Services } from "../services.ts";

/** Call it in the transaction, after the removal. What this server has switched off is no way in. */
export async function hasWayIn(
  transaction: Database,
  { isPasswordLoginOn, areLoginCodesOn, relyingParty, providers }: Services,
  userId: string,
): Promise<boolean> {
  const configured = providers.list.map(({ settings }) => settings.id);
  const { rows } = await sql<{ hasWay: boolean }>`
    select (${isPasswordLoginOn}::boolean and password_hash is not null)
        or (${areLoginCodesOn}::boolean and email is not null and email_verified_at is not null)
        or (${relyingParty !== null}::boolean and exists (
          select from ${ownTable("passkeys")} as passkeys where passkeys.user_id = users.id))
        or exists (
          select from ${ownTable("identities")} as identities
          where identities.user_id = users.id and identities.provider = any(${configured}::text[])) as "hasWay"
    from ${ownTable("users")} as users where users.id = ${userId}::uuid`.execute(transaction);
  return rows[0]?.hasWay === true;
}
