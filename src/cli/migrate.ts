// `graphward migrate` brings the tables up to date.
import { Command } from "commander";
import { print } from "./command/terminal.ts";

interface Options {
  readonly grantTo?: string;
  readonly moveFrom?: string;
}

export const migrateCommand = new Command("migrate")
  .description("create or update the tables")
  .option("--grant-to <role>", "give a role the rights to serve requests, now and after each later migration")
  .option("--move-from <schema>", "move the tables of an earlier version out of this schema")
  .action(async ({ grantTo = null, moveFrom = null }: { [Key in keyof Options]: Options[Key] | null }) => {
    const { readConfig } = await import("../config/config.ts");
    const { openDatabase } = await import("../database/open.ts");
    const { loadApplication } = await import("./application/load.ts");
    const { waitAtTerminal } = await import("./command/waiting.ts");
    const config = readConfig();
    const waiting = waitAtTerminal(config);
    const opened = await openDatabase(config, waiting, (await loadApplication()).tables);
    try {
      const done = await opened.migrate(waiting, { grantTo, moveFrom });
      for (const name of done) print(`migrated: ${name}`);
      if (done.length === 0) print("The tables are up to date.");
      if (grantTo !== null) print(`The role ${grantTo} can serve requests.`);
    } finally {
      await opened.close();
    }
  });
