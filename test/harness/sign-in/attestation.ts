// Statements that some authenticators add to a new passkey, of who has made them. The certificate is valid for a hundred years.
import { createPrivateKey, sign } from "node:crypto";
import type { Key } from "./passkeys.ts";

/** Signed with a certificate of the authenticator's maker. */
export const certified = (signed: Buffer): ReadonlyMap<unknown, unknown> =>
  new Map<unknown, unknown>([
    ["alg", -7],
    ["sig", sign("sha256", signed, makersKey())],
    ["x5c", [Buffer.from(certificate, "base64")]],
  ]);

/** Signed with the new key itself. */
export const selfAttested = (signed: Buffer, { privateKey }: Key): ReadonlyMap<unknown, unknown> =>
  new Map<unknown, unknown>([
    ["alg", -7],
    ["sig", sign("sha256", signed, privateKey)],
  ]);

const certificate =
  "MIIB8zCCAZigAwIBAgIUUhVxRC5csj0fqQ5C+i4vG87dfE4wCgYIKoZIzj0EAwIwTzELMAkGA1UEBhMCVVMxDTALBgNVBAoMBFRlc3QxIjAgBgNVBAsMGUF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24xDTALBgNVBAMMBFRlc3QwIBcNMjYxMTI4MTIwNDMwWhgPMjEyNjExMDQxMjA0MzBaME8xCzAJBgNVBAYTAlVTMQ0wCwYDVQQKDARUZXN0MSIwIAYDVQQLDBlBdXRoZW50aWNhdG9yIEF0dGVzdGF0aW9uMQ0wCwYDVQQDDARUZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERAyR4BJmhi/Z+W0qzwc97iAMc96knc7Rtxz3M+EGUcvUiTL4l+naE4LgIznq2NhHDYx1sn8VJfv3vP6jYvtAA6NQME4wHQYDVR0OBBYEFFytglYCFBp6RnrxT2T7+N6+ydPiMB8GA1UdIwQYMBaAFFytglYCFBp6RnrxT2T7+N6+ydPiMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSQAwRgIhAI/1hCm/wN6rBVHTDzhDm4rcIP6jS5qFNwyZPhTeDwnAAiEApS/X/oaS4Ce5qpBns2L9JfHwZE0WplgijN+DoJz081Q=";

/** It protects nothing. */
const makersKey = () =>
  createPrivateKey({
    key: Buffer.from(
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgurjvsGqfQj/othYtKtCuRN6RBiXvCVDcbqF0SRGtTtGhRANCAAREDJHgEmaGL9n5bSrPBz3uIAxz3qSdztG3HPcz4QZRy9SJMviX6doTguAjOerY2EcNjHWyfxUl+/e8/qNi+0AD",
      "base64",
    ),
    format: "der",
    type: "pkcs8",
  });
