// What the commands that need the database share: it is open while they work, and left whatever happens.
import { readConfig } from "../config/config.ts";
import { type OpenDatabase, openDatabase } from "../database/open.ts";

/** With AUTO_MIGRATE on, a command may be the first to see a new database: the tables are there when `work` begins. */
export const withDatabase = async (work: (database: OpenDatabase) => Promise<void>): Promise<void> => {
  const config = readConfig();
  const opened = await openDatabase(config);
  try {
    if (config.autoMigrate && !(await opened.isMigrated())) await opened.migrate();
    await work(opened);
  } finally {
    await opened.close();
  }
};
