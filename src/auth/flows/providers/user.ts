// Finds the user of an identity, or creates one. Never by the email alone: a provider may say of anybody that the email is theirs.
import type { Database } from "../../../database/tables.ts";
import { transact } from "../../../database/transaction.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { type ClaimedEmail, findClaimedEmail } from "../../providers/claims.ts";
import { insertIdentity, listIdentities, lockIdentity, touchIdentity } from "../../providers/identities.ts";
import { findCanonicalEmail } from "../../text/emails.ts";
import { lockEmailOwner } from "../../users/email-owner.ts";
import { lockUser } from "../../users/locks.ts";
import { claimUnprovenAccount } from "./claim.ts";
import { enqueueLinkedMail } from "./linked.ts";
import type { ProviderLogin, ProviderPage, ProviderUser } from "./outcome.ts";
import { registerIdentity } from "./registration.ts";

/** Throws RATE_LIMITED when somebody new comes from a network that has registered many. */
export async function findIdentityUser(
  context: Context,
  login: ProviderLogin,
): Promise<ProviderUser | { readonly page: ProviderPage }> {
  const { services, client } = context;
  const known = await transact(services.database, (transaction) => findKnown(transaction, context, login));
  if (known !== null) {
    if ("userId" in known) services.viewers.forget(known.userId);
    return known;
  }
  if (!services.isRegistrationOpen) return { page: "registration-closed" };
  await services.limits.spend("register.ip", client);
  return transact(services.database, async (transaction) => {
    // Two callbacks of one person at once: the second finds what the first has made.
    const identity = await lockIdentity(transaction, login.claims);
    return identity ?? registerIdentity(transaction, context, login);
  });
}

/** Null for somebody new. */
const findKnown = async (
  transaction: Database,
  context: Context,
  { provider, claims }: ProviderLogin,
): Promise<ProviderUser | { readonly page: ProviderPage } | null> => {
  const identity = await lockIdentity(transaction, claims);
  const claimed = findClaimedEmail(claims.profile);
  const { id } = provider.settings;
  if (identity !== null) {
    const used = { id: identity.id, provider: id, email: claimed?.email ?? null };
    if (identity.isActive) await touchIdentity(transaction, used);
    return identity;
  }
  const owner = claimed?.isVerified ? await lockEmailOwner(transaction, claimed.email) : undefined;
  if (owner === undefined || claimed === null) return null;
  const account = await lockUser(transaction, owner.id);
  // Only the operator can say that a provider decides who has an email: others let anybody claim any (nOAuth).
  if (!provider.settings.trustEmail || account === undefined) return { page: "known-email" };
  // While we waited for the lock, its maker may have moved the account to an email of their own, and proven that one.
  if (account.canonicalEmail !== findCanonicalEmail(claimed.email)) return null;
  const login = { provider, claims, userId: owner.id };
  // Registered by anybody who knew the email, perhaps to share the account later with its owner.
  if (account.emailVerifiedAt === null) return claimUnprovenAccount(transaction, context, login);
  // Perhaps it is the other provider's word that has proven the email, and somebody else whom that identity lets in.
  if (await hasUntrustedIdentity(transaction, context, owner.id)) return { page: "known-email" };
  await linkTrusted(transaction, context, { ...login, claimed });
  return { userId: owner.id, generation: account.generation };
};

const hasUntrustedIdentity = async (
  transaction: Database,
  { services }: Context,
  userId: string,
): Promise<boolean> =>
  (await listIdentities(transaction, userId)).some(
    ({ provider }) => services.providers.find(provider)?.settings.trustEmail !== true,
  );

const linkTrusted = async (
  transaction: Database,
  { client }: Context,
  {
    provider,
    claims: { issuer, subject },
    userId,
    claimed,
  }: ProviderLogin & { readonly userId: string; readonly claimed: ClaimedEmail },
): Promise<void> => {
  const { id } = provider.settings;
  const identity = { userId, provider: id, issuer, subject, email: claimed.email, isUsed: true };
  await insertIdentity(transaction, identity);
  const type = AuditEventType.IDENTITY_LINKED;
  const details = { provider: id, reason: "TRUSTED_EMAIL" };
  await recordEvent(transaction, { type, userId, actorId: null, client, details });
  await enqueueLinkedMail(transaction, userId, provider);
};
