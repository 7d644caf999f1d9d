// Short marks of secrets, by which a restore notices that the secrets are not those of the backup.
import { createHmac } from "node:crypto";
import type { Manifest } from "./manifest.ts";

export type Secrets = Readonly<Record<keyof Manifest["fingerprints"], readonly string[]>>;

/** Four bytes: as many secrets fit as there are to choose from, and whoever tries passwords finds thousands. */
export function fingerprintsOf({ sessionSecrets, auditKeys }: Secrets): Manifest["fingerprints"] {
  return { sessionSecrets: sessionSecrets.map(mark), auditKeys: auditKeys.map(mark) };
}

/** The settings that lack a secret of the backup. */
export function findMissingSecrets(manifest: Manifest, secrets: Secrets): readonly string[] {
  const now = fingerprintsOf(secrets);
  const lacks = (name: keyof Secrets) =>
    manifest.fingerprints[name].some((fingerprint) => !now[name].includes(fingerprint));
  return [
    ...(lacks("sessionSecrets") ? ["SESSION_SECRET"] : []),
    ...(lacks("auditKeys") ? ["AUDIT_KEY"] : []),
  ];
}

const mark = (secret: string): string =>
  createHmac("sha256", secret).update("graphward backup").digest("hex").slice(0, 8);
