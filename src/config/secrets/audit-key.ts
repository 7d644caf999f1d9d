// The settings of the audit trail: the key that seals it, configured or kept, and how long events are kept.
import { z } from "zod";
import { days, findDuration } from "../../time.ts";
import { secretSetting } from "../secrets.ts";
import { setting } from "../setting.ts";
import { findKeptSecret, requireKeptSecret } from "./kept-secret.ts";

export const auditSettings = (production: boolean) => ({
  auditKeys: secretSetting(
    "AUDIT_KEY",
    production,
    "Seals the audit trail, so that a change to it is detected. All servers of one database need the same key. Several may be given, separated by commas: the first one seals, all of them verify. If it is not set, a key is generated once in `DATA_DIR`.",
  ),
  auditRetention: setting("AUDIT_RETENTION", {
    text: "How long security events are kept, in `s`, `m`, `h` or `d`. At least one day.",
    default: "400d",
    schema: z.string().transform(toRetention),
  }),
});

interface Settings {
  readonly auditKeys: readonly string[];
  readonly dataDir: string;
}

const keptName = "audit-key";

/** The first one seals, all of them verify. */
export const requireAuditKeys = async ({ auditKeys, dataDir }: Settings): Promise<readonly string[]> =>
  auditKeys.length > 0 ? auditKeys : [await requireKeptSecret(dataDir, keptName)];

/** The same without generating one: empty when there is none. */
export const findAuditKeys = async ({ auditKeys, dataDir }: Settings): Promise<readonly string[]> =>
  auditKeys.length > 0 ? auditKeys : [await findKeptSecret(dataDir, keptName)].filter((key) => key !== null);

/** Events are dropped in whole days: less than one day would drop today's. */
function toRetention(text: string, context: z.RefinementCtx): number {
  const retention = findDuration(text);
  if (retention !== null && retention >= days(1)) return retention;
  context.addIssue("must be at least a day, such as 400d");
  return z.NEVER;
}
