// Opens the database for a command and always closes it.
import { readConfig } from "../config/config.ts";
import { type OpenDatabase, openDatabase } from "../database/open.ts";
import { loadApplication } from "./application.ts";
import { waitAtTerminal } from "./waiting.ts";

/** With AUTO_MIGRATE on, a command may be the first to use a new database: the tables exist when `work` begins. */
export const withDatabase = async (work: (database: OpenDatabase) => Promise<void>): Promise<void> => {
  const config = readConfig();
  const { tables } = await loadApplication();
  const opened = await openDatabase(config, null, tables);
  try {
    await opened.requireRights();
    if (config.autoMigrate && (await opened.findMissingMigrations()).length > 0)
      await opened.migrate(waitAtTerminal(config));
    await work(opened);
  } finally {
    await opened.close();
  }
};
