// Verifies what an authenticator has signed. Its errors quote what a client sent, so none of them leaves this file.
import { timingSafeEqual } from "node:crypto";
import type { VerifiedAuthenticationResponse, VerifiedRegistrationResponse } from "@simplewebauthn/server";
import { digest } from "../secrets/secret.ts";
import { algorithms } from "./options.ts";
import type { RelyingParty } from "./relying-party.ts";
import { type Assertion, type Attestation, isFromOwnPage } from "./responses.ts";

export interface NewCredential {
  readonly credentialId: Buffer;
  /** In COSE form. */
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  /** Whether it can be synced. */
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** `challenge`: the stored digest. Null for a response that proves nothing. */
export async function verifyAttestation(
  { rpId, origins }: RelyingParty,
  { response, challenge }: { readonly response: Attestation; readonly challenge: Buffer },
): Promise<NewCredential | null> {
  if (!isFromOwnPage(response.response.clientDataJSON)) return null;
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const verified = await unlessItThrows<VerifiedRegistrationResponse>(async () => {
    // SSRF: the library fetches the list of revoked certificates from the address that a certificate of the client names.
    const decoded = decodeAttestationObject(bytesOf(response.response.attestationObject));
    if (decoded.get("attStmt").get("x5c") !== undefined || !plainFormats.includes(decoded.get("fmt")))
      return null;
    return verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: isChallenge(challenge),
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
  });
  if (!verified?.verified) return null;
  const { credential, credentialDeviceType, credentialBackedUp } = verified.registrationInfo;
  if (credential.id !== response.id || credential.publicKey.length > maxPublicKey) return null;
  return {
    credentialId: Buffer.from(credential.id, "base64url"),
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: response.response.transports,
    backupEligible: credentialDeviceType === "multiDevice",
    backedUp: credentialBackedUp,
  };
}

export interface Verified {
  readonly counter: number;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** `challenge`: the stored digest. Judges no counter. Null for a response that proves nothing. */
export async function verifyAssertion(
  { rpId, origins }: RelyingParty,
  {
    response,
    challenge,
    publicKey,
  }: { readonly response: Assertion; readonly challenge: Buffer; readonly publicKey: Buffer },
): Promise<Verified | null> {
  if (!isFromOwnPage(response.response.clientDataJSON)) return null;
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const { userHandle: _, ...signed } = response.response;
  const verified = await unlessItThrows<VerifiedAuthenticationResponse>(() =>
    verifyAuthenticationResponse({
      response: { ...response, response: signed, clientExtensionResults: {} },
      expectedChallenge: isChallenge(challenge),
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      // The library judges the counter before the signature: with 0, it leaves that to us.
      credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    }),
  );
  if (!verified?.verified) return null;
  const { newCounter, credentialDeviceType, credentialBackedUp } = verified.authenticationInfo;
  return {
    counter: newCounter,
    backupEligible: credentialDeviceType === "multiDevice",
    backedUp: credentialBackedUp,
  };
}

/** Without a certificate, and `packed` because browsers pass on what the authenticator has signed with the new key itself. */
const plainFormats = ["none", "packed"];

/** In bytes: RSA of 4096 bits needs 530. */
const maxPublicKey = 1_000;

const bytesOf = (base64url: string) => new Uint8Array(Buffer.from(base64url, "base64url"));

const isChallenge =
  (stored: Buffer) =>
  (signed: unknown): boolean =>
    typeof signed === "string" && timingSafeEqual(digest(signed), stored);

const unlessItThrows = async <Value>(verify: () => Promise<Value | null>): Promise<Value | null> => {
  try {
    return await verify();
  } catch {
    return null;
  }
};
