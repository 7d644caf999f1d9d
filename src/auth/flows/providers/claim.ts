// Gives an account whose email was never proven to the person whom a trusted provider knows by that email.
import { sql } from "kysely";
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { endCredentials } from "../../endings.ts";
import { raiseFactorEpoch } from "../../factors/epoch.ts";
import { removeAllFactors } from "../../factors/removal.ts";
import { enqueueMail } from "../../outgoing-mail.ts";
import { findClaimedEmail } from "../../providers/claims.ts";
import { insertIdentity, removeIdentitiesOf } from "../../providers/identities.ts";
import { enqueueLinkedMail } from "./linked.ts";
import type { ProviderLogin, ProviderUser } from "./outcome.ts";

/** Its maker may be somebody else, so everything that opens it goes first: password, sessions, tokens, factors, identities. */
export async function claimUnprovenAccount(
  transaction: Database,
  { client }: Context,
  { provider, claims, userId }: ProviderLogin & { readonly userId: string },
): Promise<ProviderUser> {
  const { id } = provider.settings;
  const origin = { actorId: null, client, details: { provider: id } };
  await removeAllFactors(transaction, userId);
  await raiseFactorEpoch(transaction, userId);
  await removeIdentitiesOf(transaction, userId);
  await endCredentials(transaction, "mailboxProven", { userId }, origin);
  const { generation, hadPassword } = await transaction
    .updateTable("users")
    .from("users as before")
    .set({ password_hash: null, email_verified_at: sql<Date>`now()` })
    .where("users.id", "=", userId)
    .whereRef("before.id", "=", "users.id")
    .returning("users.device_generation as generation")
    .returning(sql<boolean>`before.password_hash is not null`.as("hadPassword"))
    .executeTakeFirstOrThrow();
  const email = findClaimedEmail(claims.profile)?.email ?? null;
  const { issuer, subject } = claims;
  await insertIdentity(transaction, { userId, provider: id, issuer, subject, email, isUsed: true });
  await recordEvent(transaction, { ...origin, type: AuditEventType.ACCOUNT_VERIFIED, userId });
  await recordEvent(transaction, { ...origin, type: AuditEventType.IDENTITY_LINKED, userId });
  if (hadPassword) await enqueueMail(transaction, { template: "password-removed", userId });
  await enqueueLinkedMail(transaction, userId, provider);
  return { userId, generation };
}
