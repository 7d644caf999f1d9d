// `graphward migrate` brings the tables up to date.
import { Command } from "commander";
import { print } from "./terminal.ts";

export const migrateCommand = new Command("migrate")
  .description("create or update the tables")
  .action(async () => {
    const { readConfig } = await import("../config/config.ts");
    const { openDatabase } = await import("../database/open.ts");
    const opened = await openDatabase(readConfig());
    try {
      const done = await opened.migrate();
      for (const name of done) print(`migrated: ${name}`);
      if (done.length === 0) print("The tables are up to date.");
    } finally {
      await opened.close();
    }
  });
