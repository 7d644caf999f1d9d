// The real server on a real database, in the test's process.
import { randomBytes, randomInt } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely } from "kysely";
import { inject } from "vitest";
import { type Application, noApplication } from "../../src/application/application.ts";
import { createUser } from "../../src/auth/administration/operator.ts";
import { fromCommandLine } from "../../src/auth/audit/record.ts";
import { neverBreached } from "../../src/auth/passwords/breached.ts";
import { type Config, readConfig } from "../../src/config/config.ts";
import { defaultRateLimits } from "../../src/config/rate-limits.ts";
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
import { createDatabase, withoutSearchPath } from "./database/database.ts";
import { note, noteEnvironment } from "./logs/canaries.ts";
import { watchLog, withoutDevelopersSecrets } from "./logs/logs.ts";
import { type MailServer, startMailServer } from "./mail/mail.ts";
import { readMessages } from "./mail/outbox.ts";

/** All tests come from one IP. Tests about limits use the default limits. */
export const withoutLimits = Object.keys(defaultRateLimits)
  .map((name) => `${name}=1000000/1s`)
  .join();

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

/** Tests of passwords set them through the API, with the real policy. */
const anyPolicy = { isBreached: neverBreached, serviceWords: [], minLength: 12 };

interface NewUser {
  readonly username: string;
  readonly email: string | null;
  readonly password: string;
  readonly roles: readonly string[];
}

export interface User extends NewUser {
  readonly id: string;
}

export const startApp = async (
  environment: NodeJS.ProcessEnv = {},
  application: Application = noApplication,
): Promise<App> => {
  const copy = environment.DATABASE_URL === undefined ? await createDatabase() : null;
  const port = environment.PORT ?? String(await findFreePort());
  // Contains the outbox. A test that names its own directory removes it itself.
  const dataDir = join(tmpdir(), `graphward-${randomBytes(8).toString("hex")}`);
  const settings = {
    DATA_DIR: dataDir,
    DATABASE_URL: copy?.url,
    PORT: port,
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
    RATE_LIMITS: withoutLimits,
    // The same on every port, so that tests need not ask for it.
    COOKIE_NAME: "graphward",
    // No balancer has to notice that the server ends.
    SHUTDOWN_DELAY: "0s",
    // The most verbose log is searched after the file's tests.
    LOG_LEVEL: "debug",
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
  const route = builtInRoute({ ...inject("cluster"), database: config.connection?.database ?? "" });
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
    databaseName: new URL(databaseUrl).pathname.slice(1),
    database,
    log,
    async createUser<Email extends string | null = null>(
      user: Partial<NewUser> & { readonly email?: Email } = {},
    ) {
      const account = {
        username: uniqueName(),
        password: "correct horse battery staple",
        roles: [],
        ...user,
        email: (user.email ?? null) as Email,
      };
      note("password", account.password);
      note("account", account.username);
      note("account", account.email);
      const made = await createUser(database, account, fromCommandLine, anyPolicy);
      if (!made.ok) throw new Error(`The test's account breaks a rule: ${JSON.stringify(made.problems)}`);
      return { ...account, id: made.value };
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

const uniqueName = (): string => `user-${randomBytes(6).toString("hex")}`;

/** PUBLIC_URL, and with it the list of origins, must contain the port before the server listens. */
export const findFreePort = async (): Promise<number> => {
  // Below the ports that systems give to outgoing connections, one of which could take it before the server listens.
  const port = randomInt(10_000, 32_000);
  return (await isFree(port)) ? port : findFreePort();
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
