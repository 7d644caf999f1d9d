// Whether a user can still log in: the last way into an account is not removed.
import { type RawBuilder, sql } from "kysely";
import type { IdentityProvider } from "../../config/sign-in/identity-providers.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { brokenRule } from "../../errors.ts";
import { issuersOf, type Offered } from "../factors/enrolled.ts";
import type { Services } from "../services.ts";
import { hasPasskey } from "../viewer/second-factor.ts";

/** The ways in that this server has switched on. */
export interface WaysIn extends Offered, Pick<Services, "isPasswordLoginOn" | "areLoginCodesOn"> {
  readonly providers: { readonly list: readonly { readonly settings: IdentityProvider }[] };
}

/** Call it in the transaction, after the removal. What this server has switched off is no way in. */
export async function hasWayIn(transaction: Database, ways: WaysIn, userId: string): Promise<boolean> {
  const user = await transaction
    .selectFrom("users")
    .select(wayIn(ways).as("hasWay"))
    .where("users.id", "=", userId)
    .executeTakeFirst();
  return user?.hasWay === true;
}

/** For one row of `users`. */
export const wayIn = ({
  isPasswordLoginOn,
  areLoginCodesOn,
  relyingParty,
  providers,
}: WaysIn): RawBuilder<boolean> => sql<boolean>`(
  (${isPasswordLoginOn}::boolean and users.password_hash is not null)
  or (${areLoginCodesOn}::boolean and users.email is not null and users.email_verified_at is not null)
  or (${relyingParty !== null}::boolean and ${hasPasskey})
  or exists (
    select from ${ownTable("identities")} as identity
    where identity.user_id = users.id and rtrim(identity.issuer, '/') = any(${issuersOf(providers)}::text[])))`;

/** Active users whom nothing logs in. A mailed code also proves the email. */
export const countUsersWithoutWayIn = (database: Database, ways: WaysIn): Promise<number> =>
  count(selectWithoutWayIn(database, ways));

/** Those among them who have an identity: its provider is no longer in the settings. */
export const countAbandonedUsers = (database: Database, ways: WaysIn): Promise<number> =>
  count(
    selectWithoutWayIn(database, ways)
      .where("users.password_hash", "is", null)
      .where(
        sql<boolean>`exists (select from ${ownTable("identities")} as identity where identity.user_id = users.id)`,
      ),
  );

const selectWithoutWayIn = (database: Database, ways: WaysIn) =>
  database
    .selectFrom("users")
    .select(sql<number>`count(*)::int`.as("count"))
    .where("users.is_active", "=", true)
    .where(sql<boolean>`not ${wayIn(ways)}`)
    .$if(ways.areLoginCodesOn, (users) => users.where("users.email", "is", null));

const count = async (found: ReturnType<typeof selectWithoutWayIn>): Promise<number> =>
  (await found.executeTakeFirstOrThrow()).count;

export const lastWayIn = brokenRule(
  "id",
  "last_way_in",
  "This login is the only way into your account. Add another one, a passkey or a password first.",
);
