// The secrets that a backup does not hold: configured, or kept in DATA_DIR.
import type { Secrets } from "../backup/fingerprints.ts";
import type { Config } from "../config/config.ts";
import { findAuditKeys } from "../config/secrets/audit-key.ts";
import { findSessionSecrets } from "../config/secrets/session-secret.ts";

/** Generates none: a command that only looks must not decide which secret a server takes. */
export async function findSecrets(config: Config): Promise<Secrets> {
  return { sessionSecrets: await findSessionSecrets(config), auditKeys: await findAuditKeys(config) };
}
