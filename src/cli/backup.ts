// `graphward backup` writes the whole database into one file.
import { Command } from "commander";
import { collect, print, printJson } from "./command/terminal.ts";

interface Options {
  readonly force?: true;
  readonly without: readonly string[];
  readonly json?: true;
}

export const backupCommand = new Command("backup")
  .description(
    "write all users, sessions, tokens, events, waiting mail and the application's tables, as they are at one moment, into one file; servers may run on",
  )
  .argument("<file>", "a new file, or - for standard output")
  .option("--force", "replace the file if it exists")
  .option("--without <schema.table>", "leave out another program's table; may be repeated", collect, [])
  .option("--json", "print JSON")
  .action(
    async (file: string, { force = false, without, json }: { force?: boolean } & Omit<Options, "force">) => {
      const { writeToFile, writeToStandardOutput } = await import("../backup/output.ts");
      const { writeBackup } = await import("../backup/snapshot.ts");
      const { readConfig } = await import("../config/config.ts");
      const { openDatabase } = await import("../database/open.ts");
      const { loadApplication } = await import("./application/load.ts");
      const { findSecrets } = await import("./secrets.ts");
      const { waitAtTerminal } = await import("./command/waiting.ts");
      const application = await loadApplication();
      const config = readConfig(undefined, application.settings);
      const { signal } = waitAtTerminal(config);
      // Not `withDatabase`, which would migrate: a backup before an upgrade must come before its migrations.
      const opened = await openDatabase(config, null, application.tables);
      try {
        await opened.findMissingMigrations();
        await opened.requireRights();
        const secrets = await findSecrets(config);
        const hasApplication =
          application.tables.migrations !== null || application.tables.entities.length > 0;
        const write = (to: (bytes: Buffer) => Promise<void>) =>
          writeBackup(opened, to, { secrets, without, hasApplication, signal });
        const isPiped = file === "-";
        const { manifest, rows } = isPiped
          ? await writeToStandardOutput(write)
          : await writeToFile(file, { force }, write);
        const done = {
          file,
          made: manifest.made,
          version: manifest.version,
          tables: manifest.tables.length,
          rows,
        };
        if (isPiped) return;
        if (json) return printJson(done);
        print(`Backed up ${rows} rows of ${done.tables} tables to ${file}.`);
        print(
          `Not in it: SESSION_SECRET and AUDIT_KEY${config.sessionSecrets.length > 0 ? "" : `, which are in ${config.dataDir}`}. Keep them in another place.`,
        );
      } finally {
        await opened.close();
      }
    },
  );
