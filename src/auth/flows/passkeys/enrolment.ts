// Adds a passkey: offers options to the user's authenticator, then verifies what it has made.
import { randomBytes } from "node:crypto";
import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import { brokenRule, done, invalidCredentials, type Result, refused } from "../../../errors.ts";
import { findDeviceName } from "../../browsers/device-name.ts";
import { replaceSessionChallenge, takeSessionChallenge } from "../../challenges/passkey-challenges.ts";
import type { Context } from "../../context.ts";
import { changeUser } from "../../endings.ts";
import { replaceRecoveryCodes } from "../../factors/recovery-codes.ts";
import { creationOptions } from "../../passkeys/options.ts";
import { requirePasskeys } from "../../passkeys/relying-party.ts";
import { findAttestation } from "../../passkeys/responses.ts";
import { insertPasskey, listCredentials, listPasskeys } from "../../passkeys/rows.ts";
import { type NewCredential, verifyAttestation } from "../../passkeys/verification.ts";
import { findCanonicalPasskeyName, findPasskeyNameProblem } from "../../text/passkey-names.ts";
import { findShownUser } from "../../users/shown-user.ts";
import { type PersonalViewer, requirePersonal, type Viewer } from "../../viewer/viewer.ts";
import { markSecondFactorProven, recordFactorChange, requireEnrollableAccount } from "../factors/changes.ts";

const maxPasskeys = 20;

/** Random, so that it shows no name and no id of ours. */
const userHandleBytes = 32;

/** Throws REAUTHENTICATION_REQUIRED, and FORBIDDEN when there are no passkeys here. A new start replaces it. */
export async function startPasskey(
  { services }: Context,
  { viewer: caller }: { readonly viewer: Viewer },
): Promise<Result<PublicKeyCredentialCreationOptionsJSON>> {
  const relyingParty = requirePasskeys(services.relyingParty);
  const viewer = requirePersonal(caller);
  const { userId, user } = viewer;
  const challenge = randomBytes(32);
  return changeUser(services, userId, async (transaction) => {
    const problem = await requireEnrollableAccount(transaction, services, viewer);
    if (problem !== null) return refused(problem);
    const existing = await listCredentials(transaction, userId);
    if (existing.length >= maxPasskeys) return refused(tooMany);
    const handle = existing[0]?.userHandle ?? randomBytes(userHandleBytes);
    await replaceSessionChallenge(transaction, {
      purpose: "add-passkey",
      viewer,
      challenge,
      userHandle: handle,
    });
    const { username, displayName } = user;
    const shown = { handle, username, displayName: displayName ?? username };
    return done(creationOptions(relyingParty, { user: shown, challenge, existing }));
  });
}

export interface AddedPasskey {
  readonly passkey: Awaited<ReturnType<typeof listPasskeys>>[number];
  /** Null unless it is the user's first second factor. */
  readonly recoveryCodes: readonly string[] | null;
}

/**
 * Throws REAUTHENTICATION_REQUIRED, and INVALID_CREDENTIALS for a response that is malformed, late, used, made for another site, or
 * without a check of the user by the authenticator.
 */
export async function addPasskey(
  context: Context,
  {
    viewer: caller,
    response,
    name: given,
  }: { readonly viewer: Viewer; readonly response: unknown; readonly name: string | null },
): Promise<Result<AddedPasskey>> {
  const { services, client } = context;
  const relyingParty = requirePasskeys(services.relyingParty);
  const viewer = requirePersonal(caller);
  const typed = given ?? findDeviceName(client.userAgent) ?? "Passkey";
  const name = findCanonicalPasskeyName(typed);
  // Before the challenge is used up: only the name need be given again.
  if (name === null) return refused(findPasskeyNameProblem(typed));
  const started = await takeSessionChallenge(services.database, { purpose: "add-passkey", viewer });
  const attestation = findAttestation(response);
  if (started?.userHandle == null || attestation === null) throw invalidCredentials();
  const { challenge, userHandle } = started;
  const credential = await verifyAttestation(relyingParty, { response: attestation, challenge });
  if (credential === null) throw invalidCredentials();
  return changeUser(services, viewer.userId, async (transaction) => {
    const problem = await requireEnrollableAccount(transaction, services, viewer);
    if (problem !== null) return refused(problem);
    const existing = await listCredentials(transaction, viewer.userId);
    if (existing.length >= maxPasskeys) return refused(tooMany);
    // Two sessions that added the first passkey at once were offered different handles.
    if (existing.some((other) => !other.userHandle.equals(userHandle))) throw invalidCredentials();
    const before = await findShownUser(transaction, viewer.userId);
    const passkey = await insert(transaction, viewer, { ...credential, userHandle, name });
    await recordFactorChange(transaction, context, { viewer, kind: "PASSKEY", change: "added" });
    await markSecondFactorProven(transaction, viewer);
    const isFirst = before?.hasSecondFactor === false;
    const recoveryCodes = isFirst ? await replaceRecoveryCodes(transaction, viewer.userId) : null;
    return done({ passkey, recoveryCodes });
  });
}

const insert = async (
  transaction: Parameters<typeof insertPasskey>[0],
  { userId }: PersonalViewer,
  row: NewCredential & { readonly userHandle: Buffer; readonly name: string },
): Promise<AddedPasskey["passkey"]> => {
  const id = await insertPasskey(transaction, { userId, ...row });
  if (id === null) throw invalidCredentials();
  const [passkey] = await listPasskeys(transaction, userId, [id]);
  if (passkey === undefined) throw new Error("addPasskey() does not find the passkey that it has added.");
  return passkey;
};

const tooMany = brokenRule(
  "passkeys",
  "max",
  `A user has at most ${maxPasskeys} passkeys. Remove one first.`,
);
