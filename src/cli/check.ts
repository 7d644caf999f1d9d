// `graphward check` reviews the settings of a deployment, its database, its Redis, the password hashes and ways in of its users, and its providers.
import { Command } from "commander";
import type { Finding } from "../config/review.ts";
import { print } from "./command/terminal.ts";

export const checkCommand = new Command("check")
  .description("review the settings of this deployment; exit status 1 on an error")
  .action(async () => {
    const { readConfig } = await import("../config/config.ts");
    const { reviewDeployment } = await import("../config/review.ts");
    const { loadApplication } = await import("./application/load.ts");
    const application = await loadApplication();
    const config = readConfig(undefined, application.settings);
    const reviewed = reviewDeployment(config, { deliversMail: application.mail.transport !== null });
    const { findMisspelt } = await import("../config/review/misspelt.ts");
    const misspelt = findMisspelt(undefined, application.settings);
    const { findMismatches } = await import("../config/review/mismatches.ts");
    const mismatches = findMismatches(config);
    const { reviewProviders } = await import("./check/providers.ts");
    // Before the database, whose review builds the schema: a busy process would find each provider too slow.
    const providers = await reviewProviders(config);
    const { reviewRedis } = await import("./check/redis.ts");
    const redis = await reviewRedis(config);
    const { reviewDatabase } = await import("./check/database.ts");
    const findings = [
      ...reviewed,
      ...mismatches,
      ...misspelt,
      ...providers,
      ...redis,
      ...(await reviewDatabase(config, application)),
    ];
    for (const finding of findings) print(describe(finding));
    if (findings.some(({ severity }) => severity === "error")) process.exitCode = 1;
    if (findings.length === 0) print("No problems found.");
  });

const describe = ({ severity, name, text }: Finding): string => `${severity.padEnd(8)}${name}: ${text}`;
