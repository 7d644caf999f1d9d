// Proves the user again in a running session, which gets a new secret: sensitive acts ask for it.
import { randomBytes } from "node:crypto";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { badUserInput, brokenRule, unauthenticated } from "../../errors.ts";
import { replaceSessionChallenge, takeSessionChallenge } from "../challenges/passkey-challenges.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { findHighestProofs, type HighestProofs, ProofMethod } from "../factors/enrolled.ts";
import { offerPasskeys } from "../passkeys/offer.ts";
import { endImpersonationsOf } from "../sessions/ends.ts";
import {
  deliverRenewal,
  lockForRenewal,
  prepareRenewal,
  type RenewedCredential,
  renewSession,
} from "../sessions/renewal.ts";
import { type PersonalViewer, requirePersonal, type Viewer } from "../viewer/viewer.ts";
import { type PresentedProofs, proveSecondFactor, requireOneProof } from "./factors/proof.ts";
import { mailSessionCode, proveSessionCode } from "./mailed-proof.ts";
import { proveOwnPassword } from "./own-account.ts";

/**
 * The proofs of which sensitive acts need one: those of a second factor, once the user has one. Mails a code to a user who has
 * nothing but a mailbox.
 */
export async function startReauthentication(
  context: Context,
  { viewer: caller }: { readonly viewer: Viewer },
): Promise<HighestProofs & { readonly passkeyOptions: PublicKeyCredentialRequestOptionsJSON | null }> {
  const { database, relyingParty } = context.services;
  const viewer = requirePersonal(caller);
  const { methods, providers } = await findHighestProofs(database, context.services, viewer.userId);
  if (methods.includes(ProofMethod.EMAIL_CODE)) await mailSessionCode(context, viewer);
  const challenge = randomBytes(32);
  const passkeyOptions = await offerPasskeys({ database, relyingParty }, viewer.userId, {
    methods,
    challenge,
  });
  if (passkeyOptions !== null)
    await replaceSessionChallenge(database, { purpose: "reauthentication", viewer, challenge });
  return { methods, providers, passkeyOptions };
}

export interface Reauthentication extends PresentedProofs {
  readonly viewer: Viewer;
  readonly password: string | null;
}

/**
 * Throws INVALID_CREDENTIALS, RATE_LIMITED, and BAD_USER_INPUT unless there is exactly one proof. Replaces both credentials of the
 * session, so that a stolen one becomes invalid.
 */
export async function reauthenticate(
  context: Context,
  { viewer: caller, password, ...proofs }: Reauthentication,
): Promise<RenewedCredential> {
  const viewer = requirePersonal(caller);
  const { userId, sessionId } = viewer;
  const proven = await prove(context, viewer, { password, ...proofs });
  const renewal = prepareRenewal(context, viewer);
  const expiresAt = await changeUser(context.services, userId, async (transaction) => {
    await lockForRenewal(transaction, renewal, proven.generation);
    const origin = { actorId: userId, client: context.client, details: { reason: "REPLACED" } };
    await endImpersonationsOf(transaction, sessionId, origin);
    return renewSession(transaction, context, renewal, proven);
  });
  return deliverRenewal(context, renewal, expiresAt);
}

const prove = async (
  context: Context,
  viewer: PersonalViewer,
  { password, ...proofs }: PresentedProofs & { readonly password: string | null },
): Promise<{ readonly generation: number; readonly hasSecondFactor: boolean }> => {
  const { userId } = viewer;
  const isOfFactor = Object.values(proofs).some((proof) => proof !== null);
  if (password !== null && isOfFactor)
    throw badUserInput([brokenRule("password", "one_proof", "Send exactly one proof.")]);
  if (password !== null) {
    const generation = await proveOwnPassword(context, { userId, password });
    return { generation, hasSecondFactor: false };
  }
  const proof = requireOneProof(proofs);
  const generation = await requireGeneration(context, userId);
  if (proof.kind === "TOTP" && (await provesByMail(context, userId))) {
    await proveSessionCode(context, viewer, proof.code);
    return { generation, hasSecondFactor: false };
  }
  await proveSecondFactor(context, { userId, by: "session" }, proof, async () => {
    const purpose = "reauthentication";
    const taken = await takeSessionChallenge(context.services.database, { purpose, viewer });
    return taken?.challenge ?? null;
  });
  return { generation, hasSecondFactor: true };
};

const provesByMail = async ({ services }: Context, userId: string): Promise<boolean> =>
  (await findHighestProofs(services.database, services, userId)).methods.includes(ProofMethod.EMAIL_CODE);

/** Read before the proof is checked, as with a password: credentials that change meanwhile refuse the renewal. */
const requireGeneration = async ({ services }: Context, userId: string): Promise<number> => {
  const account = await services.database
    .selectFrom("users")
    .select("device_generation as generation")
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  if (account === undefined) throw unauthenticated();
  return account.generation;
};
