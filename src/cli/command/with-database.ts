// Opens the database for a command and always closes it.
import type { Application } from "../../application/application.ts";
import type { AccountHooks } from "../../auth/account-hooks.ts";
import { type Config, readConfig } from "../../config/config.ts";
import {
  type OpenDatabase,
  type OpenDatabaseWithEntities,
  openDatabase,
  openDatabaseWithEntities,
} from "../../database/open.ts";
import { loadApplication } from "../application/load.ts";
import { waitAtTerminal } from "./waiting.ts";

/** With AUTO_MIGRATE on, a command may be the first to use a new database: the tables exist when `work` begins. */
export const withDatabase = async (
  work: (database: OpenDatabase, application: Application) => Promise<void>,
): Promise<void> => {
  const application = await loadApplication();
  const config = readConfig(undefined, application.settings);
  const opened = await openDatabase(config, null, application.tables);
  await withOpened(config, opened, () => work(opened, application));
};

/** The same with entity managers, for what an application does itself. */
export const withEntities = async (
  work: (database: OpenDatabaseWithEntities, application: Application) => Promise<void>,
): Promise<void> => {
  const application = await loadApplication();
  const config = readConfig(undefined, application.settings);
  const waiting = waitAtTerminal(config);
  const opened = await openDatabaseWithEntities(config, waiting, application.tables);
  await withOpened(config, opened, () => work(opened, application));
};

/** For a command that creates users. Loads MikroORM only for an application that asks for it. */
export const withAfterRegister = async (
  work: (
    database: OpenDatabase,
    application: Application,
    afterRegister: AccountHooks["afterRegister"],
  ) => Promise<void>,
): Promise<void> => {
  const { accounts } = await loadApplication();
  if (accounts.afterRegister === undefined)
    return withDatabase((opened, application) => work(opened, application, async () => undefined));
  const { createAfterRegister } = await import("../../auth/account-hooks.ts");
  const { forkOf } = await import("../../auth/services.ts");
  const { afterRegister } = accounts;
  return withEntities((opened, application) =>
    work(
      opened,
      application,
      createAfterRegister({ afterRegister }, (transaction) => forkOf(opened, transaction)),
    ),
  );
};

const withOpened = async (config: Config, opened: OpenDatabase, work: () => Promise<void>): Promise<void> => {
  try {
    await opened.requireRights();
    const missing = await opened.findMissingMigrations();
    if (config.autoMigrate && missing.length > 0) await opened.migrate(waitAtTerminal(config));
    await work();
  } finally {
    await opened.close();
  }
};
