// Which factors a user has, as parts of SQL statements.
import { sql } from "kysely";
import { canAuthenticateAgain } from "../../config/sign-in/provider-presets.ts";
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

const hasPassword = sql<boolean>`(users.password_hash is not null)`;
const hasMailbox = sql<boolean>`(users.email_verified_at is not null and users.canonical_email is not null)`;

/** Something to prove beside a login with a provider. */
export const hasProofOfOurs = sql<boolean>`(${hasPassword} or ${hasMailbox} or ${hasSecondFactor})`;

/** An identity is its issuer's: after a change of the settings, the id of a provider may be another's. */
const linkedIssuers = sql<readonly string[]>`array(
  select rtrim(identity.issuer, '/') from ${ownTable("identities")} as identity where identity.user_id = users.id)`;

/** What the second step of a login accepts from one row of `users`. */
export const secondStepMethods = sql<ProofMethod[]>`array_remove(array[
  case when ${hasTotp} then 'TOTP' end,
  case when ${hasPasskey} then 'PASSKEY' end,
  case when ${hasRecoveryCode} then 'RECOVERY_CODE' end], null)`;

type OfferedProvider = { readonly id: string } & Parameters<typeof canAuthenticateAgain>[0];

/** What this server has switched on. */
export interface Offered {
  readonly relyingParty: object | null;
  readonly providers: {
    readonly list: readonly { readonly settings: OfferedProvider }[];
  };
}

export interface HighestProofs {
  readonly methods: readonly ProofMethod[];
  /** Ids of linked providers. A new login with one of them, in which it asks the user, is a recent one. */
  readonly providers: readonly string[];
}

/**
 * What proves the user at the highest level that the user has: a second factor; or else the password, or without one the mailbox,
 * or a provider. The mailbox is no way in, so LOGIN_CODES does not decide about it.
 */
export const findHighestProofs = async (
  database: Database,
  { relyingParty, providers: { list } }: Offered,
  userId: string,
): Promise<HighestProofs> => {
  const user = await database
    .selectFrom("users")
    .select([secondStepMethods.as("methods"), hasSecondFactor.as("hasSecondFactor")])
    .select([hasPassword.as("hasPassword"), hasMailbox.as("hasMailbox")])
    .select(linkedIssuers.as("linked"))
    .where("users.id", "=", userId)
    .executeTakeFirst();
  if (user === undefined) return { methods: [], providers: [] };
  // With PASSKEYS=off a passkey goes on counting as a second factor, and cannot be used.
  const methods = user.methods.filter((method) => relyingParty !== null || method !== ProofMethod.PASSKEY);
  if (user.hasSecondFactor) return { methods, providers: [] };
  const hasOther = user.hasPassword || user.hasMailbox;
  const providers = list
    .filter((provider) => user.linked.includes(issuerOf(provider)))
    // Others make a login recent only of a user with nothing else.
    .filter(({ settings }) => !hasOther || canAuthenticateAgain(settings))
    .map(({ settings }) => settings.id);
  if (user.hasPassword) return { methods: [ProofMethod.PASSWORD], providers };
  return { methods: user.hasMailbox ? [ProofMethod.EMAIL_CODE] : [], providers };
};

/** Without the slash at the end, which settings and tokens may write differently. */
export const issuersOf = ({ list }: Offered["providers"]): string[] => list.map(issuerOf);

const issuerOf = ({ settings }: Offered["providers"]["list"][number]): string =>
  settings.issuer.replace(/\/+$/, "");
