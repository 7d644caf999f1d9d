// `graphward prune` deletes what has expired, and old security events.
import { Command } from "commander";
import type { pruneExpired } from "../jobs/pruning.ts";
import { print } from "./terminal.ts";

const labels = {
  sessions: "Expired sessions deleted",
  accessTokens: "Expired access tokens deleted",
  links: "Expired links deleted",
  budgets: "Past limits deleted",
  mail: "Failed mail deleted",
  devices: "Devices forgotten",
  reservedUsernames: "Reserved usernames set free",
} as const satisfies Record<keyof Awaited<ReturnType<typeof pruneExpired>>, string>;

export const pruneCommand = new Command("prune")
  .description(
    "delete what has expired, failed mail of last month, devices not seen for half a year, and old security events; a running server does it every hour",
  )
  .action(async () => {
    const { pruneEvents } = await import("../auth/audit/trail/retention.ts");
    const { requireAuditKeys } = await import("../config/audit-key.ts");
    const { readConfig } = await import("../config/config.ts");
    const { pruneExpired } = await import("../jobs/pruning.ts");
    const { withDatabase } = await import("./with-database.ts");
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
        throw new Error(`The audit trail is broken, and kept: ${finding.problem} (graphward audit verify).`);
      print(`Old security events dropped: ${dropped}.`);
    });
  });
