// TOTP, RFC 6238: six digits for each 30 seconds, from a secret that the user's app has too. Knows no database.
import { Secret, TOTP } from "otpauth";
import { renderSVG } from "uqr";
import { seconds, toSeconds } from "../../time.ts";

/** What every authenticator app supports, and the only ones that some do. */
const shape = { algorithm: "SHA1", digits: 6, period: toSeconds(seconds(30)) } as const;

/** RFC 4226, section 4, R6: 160 bits. */
const secretBytes = 20;

/** RFC 6238, section 5.2: one step of clock drift in each direction. */
const window = 1;

export const randomTotpSecret = (): Buffer => Buffer.from(new Secret({ size: secretBytes }).bytes);

/** People type the code as their app shows it: `123 456`. Null for a text that is no code. */
export const findTotpCode = (typed: string): string | null => {
  const digits = typed.replaceAll(/\s/g, "");
  return /^\d{6}$/.test(digits) ? digits : null;
};

/** Returns the time step that the code belongs to, or null. `now` is in milliseconds since 1970. */
export const findTotpStep = (secret: Buffer, code: string, now: number): number | null => {
  const delta = TOTP.validate({ token: code, secret: toSecret(secret), timestamp: now, window, ...shape });
  return delta === null ? null : TOTP.counter({ period: shape.period, timestamp: now }) + delta;
};

/** For the user's app: the secret in base32, the `otpauth:` URI, and the URI as a QR code in SVG. */
export const describeTotp = (
  secret: Buffer,
  { issuer, username }: { readonly issuer: string; readonly username: string },
) => {
  const totp = new TOTP({ issuer, label: username, secret: toSecret(secret), ...shape });
  const uri = totp.toString();
  return { secret: totp.secret.base32, uri, qrSvg: renderSVG(uri, { border: 2 }) };
};

const toSecret = (bytes: Buffer): Secret => new Secret({ buffer: new Uint8Array(bytes).buffer });
