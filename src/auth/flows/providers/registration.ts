// Creates the account of somebody who comes from a provider for the first time.
import { randomInt } from "node:crypto";
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { findClaimedEmail, proposeUsernames, readClaimedProfile } from "../../providers/claims.ts";
import { insertIdentity } from "../../providers/identities.ts";
import { findUsernameProblem } from "../../text/usernames.ts";
import { lockEmailOwner } from "../../users/email-owner.ts";
import { insertUser } from "../../users/insert.ts";
import { claimUsername } from "../../users/reserved-usernames.ts";
import type { ProviderLogin, ProviderPage, ProviderUser } from "./outcome.ts";

/** Call it after `lockIdentity`. Without a password: the provider is the way in. */
export async function registerIdentity(
  transaction: Database,
  context: Context,
  { provider, claims }: ProviderLogin,
): Promise<ProviderUser | { readonly page: ProviderPage }> {
  const { services, client } = context;
  const { id } = provider.settings;
  const { issuer, subject, profile } = claims;
  const username = await claimFreeUsername(transaction, context, proposeUsernames(profile));
  const claimed = findClaimedEmail(profile);
  // An email that nobody has proven must be proven here, by a change of the email.
  const email = claimed?.isVerified ? claimed.email : null;
  // Otherwise the account would pass for one without an email, for which an operator vouches.
  if (email === null && services.requiresVerifiedEmail) return { page: "no-email" };
  if (email !== null && (await lockEmailOwner(transaction, email)) !== undefined)
    return { page: "known-email" };
  const user = { ...readClaimedProfile(profile), username, email, isEmailVerified: email !== null };
  const userId = await insertUser(transaction, { ...user, passwordHash: null });
  if (userId === null) return { page: "failed" };
  const type = AuditEventType.ACCOUNT_REGISTERED;
  await recordEvent(transaction, { type, userId, actorId: userId, client, details: { provider: id } });
  const identity = { userId, provider: id, issuer, subject, email: claimed?.email ?? null, isUsed: true };
  await insertIdentity(transaction, identity);
  await services.hooks.afterRegister(transaction, { userId, username, by: "SELF" });
  return { userId, generation: 0 };
}

/** A proposed name, or with a number behind it, or `user-` and a number: a taken name keeps nobody out. */
const claimFreeUsername = async (
  transaction: Database,
  { services }: Context,
  proposed: readonly string[],
): Promise<string> => {
  const [best] = proposed;
  const candidates = [
    ...proposed,
    ...(best === undefined ? [] : [4, 6, 8].map((digits) => `${best}-${randomNumber(digits)}`)),
    ...[10, 12].map((digits) => `user-${randomNumber(digits)}`),
  ];
  for (const username of candidates) {
    if (findUsernameProblem(username) !== null || services.applicationNames.has(username)) continue;
    if (await claimUsername(transaction, { username, userId: null })) return username;
  }
  throw new Error("No username is free, though two were of random numbers.");
};

const randomNumber = (digits: number): string => String(randomInt(10 ** digits)).padStart(digits, "0");
