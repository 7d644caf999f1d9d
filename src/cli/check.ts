// `graphward check` reviews the settings of a deployment, its database, its Redis, the password hashes and ways in of its users, and its providers.
import { existsSync } from "node:fs";
import { Command } from "commander";
import type { Application } from "../application/application.ts";
import type { Config } from "../config/config.ts";
import type { Finding } from "../config/review.ts";
import { print } from "./terminal.ts";

export const checkCommand = new Command("check")
  .description("review the settings of this deployment; exit status 1 on an error")
  .action(async () => {
    const { readConfig } = await import("../config/config.ts");
    const { reviewDeployment } = await import("../config/review.ts");
    const { loadApplication } = await import("./application/load.ts");
    const application = await loadApplication();
    const config = readConfig(undefined, application.settings);
    const reviewed = reviewDeployment(config, { deliversMail: application.mail.transport !== null });
    const { findMisspelt } = await import("../config/misspelt.ts");
    const misspelt = findMisspelt(undefined, application.settings);
    const { reviewProviders } = await import("./check-providers.ts");
    // Before the database, whose review builds the schema: a busy process would find each provider too slow.
    const providers = await reviewProviders(config);
    const { reviewRedis } = await import("./check-redis.ts");
    const redis = await reviewRedis(config);
    const findings = [
      ...reviewed,
      ...misspelt,
      ...providers,
      ...redis,
      ...(await reviewDatabase(config, application)),
    ];
    for (const finding of findings) print(describe(finding));
    if (findings.some(({ severity }) => severity === "error")) process.exitCode = 1;
    if (findings.length === 0) print("No problems found.");
  });

/** Read only: creates no tables and no database. */
const reviewDatabase = async (config: Config, application: Application): Promise<Finding[]> => {
  if (config.databaseUrl === null && !existsSync(config.dataDir)) return [];
  const { countWeakHashes } = await import("../auth/passwords/weak-hashes.ts");
  const { openDatabase } = await import("../database/open.ts");
  const { reviewSignIn } = await import("./check-sign-in.ts");
  const { reviewReplica } = await import("./check-replica.ts");
  const { isCertificateRefused } = await import("../database/connecting/descriptions.ts");
  try {
    const opened = await openDatabase(config);
    try {
      const refusal = await opened.findRefusal();
      if (refusal !== null) return [{ severity: "error", name: "database", text: refusal }];
      return [
        ...describeWeakHashes(await countWeakHashes(opened.database)),
        ...(await reviewSignIn(opened.database, config, application)),
        ...(await reviewReplica(config, opened)),
      ];
    } finally {
      await opened.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // A server would not start either, and an operator must not turn the check off.
    if (error instanceof Error && isCertificateRefused(error.cause))
      return [{ severity: "error", name: "DATABASE_URL", text: `cannot be verified: ${reason}` }];
    return [
      warning(
        "DATABASE_URL",
        `users, with their password hashes and second factors, were not checked: ${reason}`,
      ),
    ];
  }
};

const describeWeakHashes = (count: number): Finding[] =>
  count === 0
    ? []
    : [
        warning(
          "password hashes",
          `${count} are weaker than new ones; each is renewed when its user logs in`,
        ),
      ];

const warning = (name: string, text: string): Finding => ({ severity: "warning", name, text });

const describe = ({ severity, name, text }: Finding): string => `${severity.padEnd(8)}${name}: ${text}`;
