// Checks one proof of a second factor, whichever the user gives.

import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { badUserInput, brokenRule, invalidCredentials } from "../../../errors.ts";
import { recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { acceptRecoveryCode, countRecoveryCodes } from "../../factors/recovery-codes.ts";
import { acceptTotp } from "../../factors/totp-rows.ts";
import type { FactorAttempt } from "../../limits/factor-attempts.ts";
import { enqueueMail } from "../../outgoing-mail.ts";
import { requirePasskeys } from "../../passkeys/relying-party.ts";
import { judgePasskey } from "../../passkeys/use.ts";
import { inTransaction } from "../../transaction.ts";

/** What a client sent; null for what it left out. */
export interface PresentedProofs {
  readonly code: string | null;
  readonly recoveryCode: string | null;
  /** What the authenticator has answered. */
  readonly passkey: object | null;
}

export type Proof =
  | { readonly kind: "TOTP"; readonly code: string }
  | { readonly kind: "RECOVERY_CODE"; readonly code: string }
  | { readonly kind: "PASSKEY"; readonly response: object };

/** Takes the digest of what a passkey was to sign, and uses it up. Null: nothing, or no longer. */
export type TakeChallenge = () => Promise<Buffer | null>;

/** Throws BAD_USER_INPUT unless there is exactly one: of two, one would be spent for nothing. */
export function requireOneProof({ code, recoveryCode, passkey }: PresentedProofs): Proof {
  const given: Proof[] = [];
  if (code !== null) given.push({ kind: "TOTP", code });
  if (recoveryCode !== null) given.push({ kind: "RECOVERY_CODE", code: recoveryCode });
  if (passkey !== null) given.push({ kind: "PASSKEY", response: passkey });
  const [proof] = given;
  if (proof === undefined || given.length > 1)
    throw badUserInput([brokenRule("code", "one_proof", "Send exactly one proof.")]);
  return proof;
}

/**
 * Spends an attempt of the user's second factors, and the proof. Throws INVALID_CREDENTIALS, for a wrong proof and for a factor
 * that the user does not have; RATE_LIMITED; and FORBIDDEN for a passkey when there are none here.
 */
export async function proveSecondFactor(
  context: Context,
  { userId, by }: { readonly userId: string; readonly by: FactorAttempt["by"] },
  proof: Proof,
  takeChallenge: TakeChallenge,
): Promise<void> {
  const { services, client } = context;
  const verify = async () => ((await accept(context, userId, proof, takeChallenge)) ? proof.kind : null);
  if ((await services.factorAttempts.check({ userId, by, client }, verify)) === null)
    throw invalidCredentials();
}

const accept = (
  context: Context,
  userId: string,
  proof: Proof,
  takeChallenge: TakeChallenge,
): Promise<boolean> => {
  const { database, sealer } = context.services;
  if (proof.kind === "PASSKEY") return acceptPasskey(context, userId, proof.response, takeChallenge);
  if (proof.kind === "TOTP") return acceptTotp(database, { userId, code: proof.code }, sealer);
  return spendRecoveryCode(context, userId, proof.code);
};

const acceptPasskey = async (
  { services, client }: Context,
  userId: string,
  response: object,
  takeChallenge: TakeChallenge,
): Promise<boolean> => {
  const relyingParty = requirePasskeys(services.relyingParty);
  const challenge = await takeChallenge();
  if (challenge === null) return false;
  const { database } = services;
  return (await judgePasskey({ database, relyingParty, client }, { response, challenge, userId })).isRight;
};

/** The mail is how the user notices that somebody found the list. */
const spendRecoveryCode = ({ services, client }: Context, userId: string, code: string): Promise<boolean> =>
  inTransaction(services.database, async (transaction) => {
    if (!(await acceptRecoveryCode(transaction, { userId, code }))) return false;
    const left = await countRecoveryCodes(transaction, userId);
    const type = AuditEventType.RECOVERY_CODE_USED;
    await recordEvent(transaction, { type, userId, actorId: userId, client, details: { left } });
    await enqueueMail(transaction, { template: "recovery-code-used", userId, left });
    return true;
  });
