// How the connection to PostgreSQL is encrypted, and what its certificate is checked for.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";

/** `require` and `prefer` check as much as `verify-full`: encryption alone stops nobody who can answer for the database. */
export const sslModes = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"] as const;

export type SslMode = (typeof sslModes)[number];

export function tlsOptions(
  host: string,
  mode: SslMode,
  pem: { readonly ca: string | null; readonly certificate: string | null; readonly key: string | null },
): ConnectionOptions | false {
  // As in libpq: PostgreSQL has no TLS on Unix sockets.
  if (mode === "disable" || host.startsWith("/")) return false;
  return {
    ...(pem.ca !== null && { ca: pem.ca }),
    ...(pem.certificate !== null && { cert: pem.certificate }),
    ...(pem.key !== null && { key: pem.key }),
    // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
    rejectUnauthorized: mode !== "no-verify",
    // Node would check the name `localhost` when the driver connects to an address.
    checkServerIdentity: (_name, certificate) =>
      mode === "verify-ca" || mode === "no-verify" ? undefined : checkServerIdentity(host, certificate),
  };
}

/** From a PEM text or the path of a PEM file. Null when it holds no certificate, or one that cannot be read. */
export function readCertificates(text: string): string | null {
  const blocks = findBlocks(text.includes("-----BEGIN") ? text.replaceAll("\\n", "\n") : readOrEmpty(text));
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch {
    return null;
  }
  return blocks.length === 0 ? null : blocks.join("\n");
}

const findBlocks = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};
