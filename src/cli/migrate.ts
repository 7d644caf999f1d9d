// `graphward migrate` brings the tables up to date.
import { Command } from "commander";
import { readConfig } from "../config/config.ts";
import { openDatabase } from "../database/open.ts";
import { print } from "./database.ts";

export const migrateCommand = new Command("migrate")
  .description("bring the tables up to date")
  .action(async () => {
    const opened = await openDatabase(readConfig());
    try {
      const done = await opened.migrate();
      for (const name of done) print(`done: ${name}`);
      if (done.length === 0) print("The tables are up to date.");
    } finally {
      await opened.close();
    }
  });
