// The key that seals the audit trail: the configured one, or the one that is kept.
import type { Config } from "./config.ts";
import { requireKeptSecret } from "./kept-secret.ts";

/** The first seals, all verify. */
export const requireAuditKeys = async ({
  auditKeys,
  dataDir,
}: Pick<Config, "auditKeys" | "dataDir">): Promise<readonly string[]> =>
  auditKeys.length > 0 ? auditKeys : [await requireKeptSecret(dataDir, "audit-key")];
