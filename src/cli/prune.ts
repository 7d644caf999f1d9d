// `graphward prune` deletes expired rows and old security events.
import { Command } from "commander";
import type { pruneExpired } from "../jobs/pruning.ts";
import { print } from "./command/terminal.ts";

const labels = {
  sessions: "Expired sessions deleted",
  accessTokens: "Expired access tokens deleted",
  links: "Expired links deleted",
  budgets: "Expired rate limits deleted",
  challenges: "Expired logins without a second step deleted",
  providerLogins: "Expired logins at a provider deleted",
  trustedBrowsers: "Expired trusted browsers deleted",
  mail: "Failed mail deleted",
  devices: "Old known devices deleted",
  reservedUsernames: "Expired reserved usernames deleted",
} as const satisfies Record<keyof Awaited<ReturnType<typeof pruneExpired>>, string>;

export const pruneCommand = new Command("prune")
  .description(
    "delete expired data, failed mail older than a month, known devices not seen for half a year, and old security events; a running server does this every hour",
  )
  .action(async () => {
    const { pruneEvents } = await import("../auth/audit/trail/retention.ts");
    const { requireAuditKeys } = await import("../config/secrets/audit-key.ts");
    const { readConfig } = await import("../config/config.ts");
    const { pruneExpired } = await import("../jobs/pruning.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const deleted = await pruneExpired(database);
      for (const [name, label] of Object.entries(labels))
        print(`${label}: ${deleted[name as keyof typeof labels]}.`);
      const config = readConfig();
      const { dropped, finding } = await pruneEvents(database, {
        keep: config.auditRetention,
        requireKeys: () => requireAuditKeys(config),
      });
      if (finding !== null)
        throw new Error(
          `The audit trail is broken, and no events were deleted: ${finding.problem} (see graphward audit verify).`,
        );
      print(`Old security events deleted: ${dropped}.`);
    });
  });
