// `graphward restore` puts a backup into an empty database.
import { Command } from "commander";
import type { Restoration } from "../auth/administration/restoration.ts";
import { collect, print, printJson } from "./command/terminal.ts";

interface Options {
  readonly afterLoss?: true;
  readonly keepSessions?: true;
  readonly keepAccessTokens?: true;
  readonly grantTo?: string;
  readonly without: readonly string[];
  readonly json?: true;
}

export const restoreCommand = new Command("restore")
  .description("put a backup of `graphward backup` into an empty database: all of it, or nothing")
  .argument("<file>", "the backup")
  .option(
    "--after-loss",
    "servers ran on after the backup was made: also end all that `graphward restored` ends, in the same transaction",
  )
  .option("--keep-sessions", "with --after-loss: keep sessions")
  .option("--keep-access-tokens", "with --after-loss: keep access tokens")
  .option("--grant-to <role>", "give a role the rights to serve requests")
  .option("--without <schema.table>", "leave out another program's table; may be repeated", collect, [])
  .option("--json", "print JSON")
  .action(async (file: string, options: Options) => {
    const { endWhatCameBack } = await import("../auth/administration/restoration.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { findMissingSecrets } = await import("../backup/fingerprints.ts");
    const { openBackup } = await import("../backup/reading.ts");
    const { createFilling } = await import("../backup/restoring.ts");
    const { requireMigrationsOf } = await import("../backup/versions.ts");
    const { readConfig } = await import("../config/config.ts");
    const { openDatabase } = await import("../database/open.ts");
    const { loadApplication } = await import("./application/load.ts");
    const { describeRestoration } = await import("./restored.ts");
    const { findSecrets } = await import("./secrets.ts");
    const { waitAtTerminal } = await import("./command/waiting.ts");
    if (file === "-") throw new Error("A backup is read twice, first to check it: write it to a file.");
    const kept = { sessions: options.keepSessions ?? false, accessTokens: options.keepAccessTokens ?? false };
    if (!options.afterLoss && (kept.sessions || kept.accessTokens))
      throw new Error(
        "--keep-sessions and --keep-access-tokens belong to --after-loss: without it, everything is kept.",
      );
    const application = await loadApplication();
    const config = readConfig(undefined, application.settings);
    const waiting = waitAtTerminal(config);
    const backup = await openBackup(file);
    try {
      const { manifest } = backup;
      await requireMigrationsOf(manifest, application.tables);
      const opened = await openDatabase(config, waiting, application.tables);
      try {
        let ended: Restoration | null = null;
        const filling = createFilling(backup, {
          ...opened,
          without: options.without,
          finish: async (database) => {
            if (options.afterLoss) ended = await endWhatCameBack(database, fromCommandLine, kept);
          },
        });
        const migrated = await opened.migrate(waiting, { filling, grantTo: options.grantTo ?? null });
        const otherSecrets = findMissingSecrets(manifest, await findSecrets(config));
        const rows = Object.values(backup.sums).reduce((count, sum) => count + sum.rows, 0);
        if (options.json)
          return printJson({
            made: manifest.made,
            version: manifest.version,
            rows,
            migrated,
            ended,
            otherSecrets,
          });
        for (const name of migrated) print(`migrated: ${name}`);
        print(`Restored the backup of ${manifest.made}: ${rows} rows.`);
        if (ended !== null) for (const line of describeRestoration(ended, kept)) print(line);
        else
          print(
            "If servers ran on after the backup, what ended since is valid again: run npx graphward restored before you start one.",
          );
        for (const name of otherSecrets) process.stderr.write(`graphward: ${name} ${consequences[name]}\n`);
      } finally {
        await opened.close();
      }
    } finally {
      await backup.close();
    }
  });

const consequences: Readonly<Record<string, string>> = {
  SESSION_SECRET:
    "lacks a secret of the server that was backed up: add it before you start a server, or cookies, links in mail and authenticator apps of it are refused.",
  AUDIT_KEY:
    "lacks a key of the server that was backed up: add it before you start a server, or the audit trail cannot be verified.",
};
