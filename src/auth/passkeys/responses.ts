// Reads what a client says its authenticator has answered. Nothing of it is trusted: only the expected keys, of the expected form.
import { z } from "zod";
import { kibibytes } from "../../sizes.ts";

/** Base64url without padding, as WebAuthn's JSON has it. */
const base64url = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[A-Za-z0-9_-]+$/);

/** WebAuthn section 7.1: at most 1023 bytes. */
const credentialId = base64url(1364);

const credential = { id: credentialId, rawId: credentialId, type: z.literal("public-key") };

const knownTransports = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;

const attestation = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(kibibytes(4)),
    attestationObject: base64url(kibibytes(8)),
    // Browsers without getTransports() leave it out, and those of tomorrow may name more.
    transports: z
      .array(z.string())
      .max(20)
      .default([])
      .transform((given) => knownTransports.filter((transport) => given.includes(transport))),
  }),
});

const assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(kibibytes(4)),
    authenticatorData: base64url(kibibytes(4)),
    signature: base64url(kibibytes(2)),
    userHandle: base64url(100)
      .or(z.literal(""))
      .nullish()
      .transform((handle) => handle || null),
  }),
});

export type Attestation = z.infer<typeof attestation>;
export type Assertion = z.infer<typeof assertion>;

export const findAttestation = (response: unknown): Attestation | null =>
  attestation.safeParse(response).data ?? null;

export const findAssertion = (response: unknown): Assertion | null =>
  assertion.safeParse(response).data ?? null;

/** In a frame of another site, the user sees that site and not ours. */
const clientData = z.object({ crossOrigin: z.literal(false).optional(), topOrigin: z.never().optional() });

/** The library lets Safari's frames pass, because Safari has no `topOrigin`; and does not look at either when a passkey is created. */
export function isFromOwnPage(clientDataJSON: string): boolean {
  try {
    const text = Buffer.from(clientDataJSON, "base64url").toString();
    return clientData.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
