// Settings that do not go with others: they have no effect, or another one than the operator expects.
import { type Config, unloadedEnvironment } from "../config.ts";
import { isAllowedOrigin } from "../network/origins.ts";
import { maxHashesOfProcess } from "../process.ts";
import type { Finding } from "../review.ts";

/** Only of what the operator wrote: most defaults have no effect until something else is set. */
export function findMismatches(
  config: Config,
  environment: NodeJS.ProcessEnv = unloadedEnvironment(),
): Finding[] {
  const isWritten = (name: string) => (environment[name] ?? "").trim() !== "";
  const rules: readonly [applies: boolean, name: string, text: string][] = [
    [
      !isAllowedOrigin(config.allowedOrigins, config.publicUrl.origin),
      "ALLOWED_ORIGINS",
      `lacks ${config.publicUrl.origin}, the origin of PUBLIC_URL: its own pages fail in browsers that send no Sec-Fetch-Site`,
    ],
    [
      config.hashesAtOnce > maxHashesOfProcess * config.workers,
      "HASHES_AT_ONCE",
      `is more than ${maxHashesOfProcess} for each process of WORKERS: the rest changes nothing`,
    ],
    [config.metricsPort === null, "METRICS_HOST", "changes nothing without METRICS_PORT"],
    [config.redis === null, "REDIS_PREFIX", "changes nothing without REDIS_URL"],
    [config.replicaConnection === null, "REPLICA_LAG", "changes nothing without DATABASE_REPLICA_URL"],
    [config.passkeys === null, "PASSKEY_RP_ID", "changes nothing while passkeys are off"],
    [config.passkeys === null, "PASSKEY_ORIGINS", "changes nothing while passkeys are off"],
  ];
  return rules
    .filter(([applies, name]) => applies && isWritten(name))
    .map(([, name, text]): Finding => ({ severity: "warning", name, text }));
}
