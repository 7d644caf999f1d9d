// The real server on a real database, in the test's process.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely } from "kysely";
import { inject } from "vitest";
import { type Application, noApplication } from "../../src/application/application.ts";
import { type Config, readConfig } from "../../src/config/config.ts";
import {
  builtInRoute,
  createPool,
  impatientOptions,
  maxConnections,
} from "../../src/database/connecting/connection.ts";
import { OwnSchemaDialect } from "../../src/database/own-schema.ts";
import type { Database, Tables } from "../../src/database/tables.ts";
import { createLogger } from "../../src/log.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import { findFreePort } from "../../src/testing/ports.ts";
import { withoutDevelopersSecrets } from "../../src/testing/secrets.ts";
import { settingsOfTests, withoutLimits } from "../../src/testing/settings.ts";
import { completeUser, createTestUser, type NewUser, type TestUser } from "../../src/testing/users.ts";
import { createDatabase, withoutSearchPath } from "./database/database.ts";
import { openExample } from "./example.ts";
import { note, noteEnvironment } from "./logs/canaries.ts";
import { letQuote, watchLog } from "./logs/logs.ts";
import { type MailServer, startMailServer } from "./mail/mail.ts";
import { readMessages } from "./mail/outbox.ts";
import { findRedisOfTests, prefixOf, redisSettings, rememberForDays } from "./redis.ts";

export { findFreePort, withoutLimits };

export interface App {
  readonly url: string;
  readonly origin: string;
  readonly config: Config;
  readonly server: RunningServer;
  readonly databaseName: string;
  /** For moving rows in time, and for checking stored data. */
  readonly database: Database;
  /** Every logged line. */
  readonly log: readonly string[];
  createUser<Email extends string | null = null>(
    user?: Partial<NewUser> & { readonly email?: Email },
  ): Promise<User & { readonly email: Email }>;
  close(): Promise<void>;
}

export type User = TestUser;

export const startApp = async (environment: NodeJS.ProcessEnv = {}, given?: Application): Promise<App> => {
  const application = given ?? (await openDefaultApplication());
  const contents = given ? {} : { application: application.tables };
  const copy = environment.DATABASE_URL === undefined ? await createDatabase(contents) : null;
  const port = environment.PORT ?? String(await findFreePort());
  // Contains the outbox. A test that names its own directory removes it itself.
  const dataDir = join(tmpdir(), `graphward-${randomBytes(8).toString("hex")}`);
  const name = new URL(environment.DATABASE_URL ?? copy?.url ?? "").pathname.slice(1);
  const redis = findRedisOfTests();
  if (redis !== null && copy !== null) await rememberForDays(redis, prefixOf(name));
  const settings = {
    DATA_DIR: dataDir,
    DATABASE_URL: copy?.url,
    ...redisSettings(name),
    PORT: port,
    ...settingsOfTests(),
    ...environment,
  };
  noteEnvironment(settings);
  const config = readConfig(settings, application.settings);
  const log: string[] = [];
  const logger = createLogger(config, { write: (line) => void log.push(line) });
  const databaseUrl = config.databaseUrl ?? "";
  const served = readConfig(
    { ...settings, DATABASE_URL: withoutSearchPath(databaseUrl) },
    application.settings,
  );
  const server = await startServer(served, logger, { application });
  const route = builtInRoute({ ...inject("graphwardCluster"), database: config.connection?.database ?? "" });
  const pool = createPool(impatientOptions(route), maxConnections);
  const database = new Kysely<Tables>({ dialect: new OwnSchemaDialect({ pool }, config.databaseSchema) });
  const origin = `http://localhost:${server.port}`;
  watchLog({
    name: `the log of ${origin}`,
    read: () => (config.production ? log.join("") : withoutDevelopersSecrets(log.join(""))),
  });

  return {
    url: `${origin}/graphql`,
    origin,
    config,
    server,
    databaseName: name,
    database,
    log,
    async createUser<Email extends string | null = null>(
      user: Partial<NewUser> & { readonly email?: Email } = {},
    ) {
      const account = completeUser(user);
      note("password", account.password);
      note("account", account.username);
      note("account", account.email);
      return { ...(await createTestUser(database, account)), email: account.email as Email };
    },
    async close() {
      await server.close();
      await database.destroy();
      await readMessages(config.dataDir);
      await copy?.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** `npm run test:with-application`: what holds for our fields must hold beside those of an application. */
export const openDefaultApplication = async (): Promise<Application> => {
  if (process.env.WITH_APPLICATION === undefined) return noApplication;
  // MikroORM writes the ids of users into its statements.
  letQuote(/ LOG: {2}statement: insert into "public"\."(?:projects|members)" /);
  // Tests of mails and pages read the name in them.
  return { ...(await openExample()), mail: noApplication.mail, pages: noApplication.pages };
};

/** Two servers on one database, with the same secrets. Closing `here` closes both. */
export const startTwoServers = async (
  environment: NodeJS.ProcessEnv = {},
  onlyThere: NodeJS.ProcessEnv = {},
): Promise<{ readonly here: App; readonly there: App }> => {
  const here = await startApp(environment);
  const { databaseUrl, sessionSecrets } = here.config;
  const shared = { SESSION_SECRET: sessionSecrets.join(), DATABASE_URL: databaseUrl ?? "" };
  const there = await startApp({ ...environment, ...shared, ...onlyThere });
  const close = async () => {
    await there.close();
    await here.close();
  };
  return { here: { ...here, close }, there };
};

export interface AppWithMail extends App {
  readonly mail: MailServer;
}

/** With a mail server of its own, which closes with it. */
export const startWithMail = async (environment: NodeJS.ProcessEnv = {}): Promise<AppWithMail> => {
  const mail = await startMailServer();
  const app = await startApp({ SMTP_URL: mail.url, MAIL_FROM: "service@example.org", ...environment });
  const close = async () => {
    await app.close();
    await mail.close();
  };
  return { ...app, mail, close };
};
