// `graphward prune` deletes expired sessions and old security events.
import { Command } from "commander";
import { requireAuditKeys } from "../audit-key.ts";
import { pruneEvents } from "../auth/audit-retention.ts";
import { pruneSessions } from "../auth/sessions.ts";
import { readConfig } from "../config.ts";
import { print, withDatabase } from "./database.ts";

export const pruneCommand = new Command("prune")
  .description("delete expired sessions and old security events; a running server does it every hour")
  .action(() =>
    withDatabase(async ({ database }) => {
      print(`Expired sessions deleted: ${await pruneSessions(database)}.`);
      const config = readConfig();
      const { dropped, finding } = await pruneEvents(database, {
        keep: config.auditRetention,
        requireKeys: () => requireAuditKeys(config),
      });
      if (finding !== null)
        throw new Error(`The audit trail is broken, and kept: ${finding.problem} (graphward audit verify).`);
      print(`Old security events dropped: ${dropped}.`);
    }),
  );
