// Which factors a user has, as parts of SQL statements.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { hasPasskey, hasSecondFactor, hasTotp } from "../viewer/second-factor.ts";

/** How a user can prove to be the user. */
export enum ProofMethod {
  TOTP = "TOTP",
  PASSKEY = "PASSKEY",
  RECOVERY_CODE = "RECOVERY_CODE",
  EMAIL_CODE = "EMAIL_CODE",
  PASSWORD = "PASSWORD",
}

const hasRecoveryCode = sql<boolean>`exists(
  select from ${ownTable("recovery_codes")} as recovery where recovery.user_id = users.id)`;

/** What the second step of a login accepts from one row of `users`. */
export const secondStepMethods = sql<ProofMethod[]>`array_remove(array[
  case when ${hasTotp} then 'TOTP' end,
  case when ${hasPasskey} then 'PASSKEY' end,
  case when ${hasRecoveryCode} then 'RECOVERY_CODE' end], null)`;

/**
 * What proves the user at the highest level that the user has: a second factor, or else the password, or else the mailbox. The
 * last is no way in, so LOGIN_CODES does not decide about it.
 */
export const findHighestMethods = async (
  database: Database,
  userId: string,
): Promise<readonly ProofMethod[]> => {
  const user = await database
    .selectFrom("users")
    .select([secondStepMethods.as("methods"), hasSecondFactor.as("hasSecondFactor")])
    .select(sql<boolean>`users.password_hash is not null`.as("hasPassword"))
    .select(
      sql<boolean>`users.email_verified_at is not null and users.canonical_email is not null`.as(
        "hasMailbox",
      ),
    )
    .where("users.id", "=", userId)
    .executeTakeFirst();
  if (user === undefined) return [];
  if (user.hasSecondFactor) return user.methods;
  if (user.hasPassword) return [ProofMethod.PASSWORD];
  return user.hasMailbox ? [ProofMethod.EMAIL_CODE] : [];
};
