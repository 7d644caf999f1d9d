// `graphward prune` deletes what has expired, and old security events.
import { Command } from "commander";
import { requireAuditKeys } from "../audit-key.ts";
import { pruneEvents } from "../auth/audit-retention.ts";
import { readConfig } from "../config.ts";
import { pruneExpired } from "../pruning.ts";
import { print, withDatabase } from "./database.ts";

export const pruneCommand = new Command("prune")
  .description(
    "delete expired sessions, access tokens, links and limits, mail that failed a month ago, and old security events; a running server does it every hour",
  )
  .action(() =>
    withDatabase(async ({ database }) => {
      const { sessions, accessTokens, links, budgets, mail } = await pruneExpired(database);
      print(
        `Expired sessions deleted: ${sessions}. Expired access tokens deleted: ${accessTokens}. Expired links deleted: ${links}. Past limits deleted: ${budgets}. Failed mail deleted: ${mail}.`,
      );
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
