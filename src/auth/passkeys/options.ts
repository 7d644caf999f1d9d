// What browsers and apps hand to an authenticator: how to create a passkey, and how to use one.
import type {
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import { minutes } from "../../time.ts";
import type { RelyingParty } from "./relying-party.ts";

/** COSE: EdDSA, ES256, RS256. */
export const algorithms = [-8, -7, -257];

/** In milliseconds: after it, the challenge is no longer accepted. */
export const ceremonyLifetime = minutes(5);

export interface KnownCredential {
  readonly credentialId: Buffer;
  readonly transports: readonly string[];
}

export const creationOptions = (
  { rpId, name }: RelyingParty,
  {
    user,
    challenge,
    existing,
  }: {
    readonly user: { readonly handle: Buffer; readonly username: string; readonly displayName: string };
    readonly challenge: Buffer;
    readonly existing: readonly KnownCredential[];
  },
): PublicKeyCredentialCreationOptionsJSON => ({
  rp: { id: rpId, name },
  user: { id: user.handle.toString("base64url"), name: user.username, displayName: user.displayName },
  challenge: challenge.toString("base64url"),
  pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg })),
  timeout: ceremonyLifetime,
  // Which make the authenticator is decides nothing here, so nobody need reveal it.
  attestation: "none",
  authenticatorSelection: {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  },
  excludeCredentials: existing.map(describe),
});

/** An empty list lets the user choose among all passkeys of this service: no name is asked for. */
export const requestOptions = (
  { rpId }: RelyingParty,
  { challenge, allowed }: { readonly challenge: Buffer; readonly allowed: readonly KnownCredential[] },
): PublicKeyCredentialRequestOptionsJSON => ({
  rpId,
  challenge: challenge.toString("base64url"),
  timeout: ceremonyLifetime,
  userVerification: "required",
  allowCredentials: allowed.map(describe),
});

const describe = ({ credentialId, transports }: KnownCredential) => ({
  type: "public-key" as const,
  id: credentialId.toString("base64url"),
  transports: transports as AuthenticatorTransport[],
});
