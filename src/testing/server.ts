// The real server of an application in the test's process, on a database of its own.
import "reflect-metadata";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EntityManager } from "@mikro-orm/postgresql";
import { openApplication } from "../application/application.ts";
import type { ServerDefinition } from "../application/definition.ts";
import { readConfig } from "../config/config.ts";
import { createLogger } from "../log.ts";
import { startServer } from "../server.ts";
import { Client, type LoginMode } from "./client.ts";
import { createDatabase } from "./databases.ts";
import { type Mailbox, openMailbox } from "./mailbox.ts";
import { readOutbox } from "./outbox.ts";
import { passTime, type WhatAges } from "./passing-time.ts";
import { findFreePort } from "./ports.ts";
import { createSecrets, withoutDevelopersSecrets } from "./secrets.ts";
import { settingsOfTests } from "./settings.ts";
import { completeUser, createTestUser, type NewUser, type TestUser } from "./users.ts";

export interface TestServerOptions {
  /**
   * Settings, as in the environment, which is not read. Without RATE_LIMITS here, nothing is limited; an empty text gives the usual
   * limits.
   */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface TestServer {
  /** The URL of GraphQL. */
  readonly url: string;
  /** The origin for everything else: `http://localhost:<port>`. */
  readonly origin: string;
  /** For rows. A new one at each use, which remembers nothing. */
  readonly em: EntityManager;
  /** Every logged line. */
  readonly log: readonly string[];
  /** As `graphward user create` does. What is left out is made up; an email counts as verified. */
  createUser<Email extends string | null = null>(
    user?: Partial<NewUser> & { readonly email?: Email },
  ): Promise<TestUser & { readonly email: Email }>;
  /** A client without credentials. */
  createClient(): Client;
  /** A client that sends the session cookie and the token of a login. */
  logInAs(user: Pick<TestUser, "username" | "password">, mode?: LoginMode): Promise<Client>;
  /** What was sent to an email. */
  mailbox(email: string): Mailbox;
  /** As if this time had passed for all rows, ours and the application's, or for those of one user. */
  passTime(duration: number, which?: WhatAges): Promise<void>;
  /** Throws when the server has logged a password, a token, a cookie or a link of Graphward's own fields. */
  close(): Promise<void>;
}

/** `definition`: the default export of graphward.config.ts. */
export async function startTestServer(
  definition: ServerDefinition,
  { settings = {} }: TestServerOptions = {},
): Promise<TestServer> {
  const opened = openApplication(definition, process.cwd());
  // Mail is written to the mailbox: a test must not send any.
  const application = { ...opened, mail: { ...opened.mail, transport: null } };
  const copy = await createDatabase({ application: application.tables });
  // Contains the outbox.
  const dataDir = await mkdtemp(join(tmpdir(), "graphward-test-"));
  const log: string[] = [];
  const removeAll = async () => {
    await copy.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const start = async () => {
    const environment = {
      ...settingsOfTests(),
      DATA_DIR: dataDir,
      DATABASE_URL: copy.url,
      PORT: String(await findFreePort()),
      // A test changes rows and asks at once.
      VIEWER_CACHE: "off",
      ...settings,
    };
    const config = readConfig(environment, application.settings);
    const logger = createLogger(config, { write: (line) => void log.push(line) });
    return { config, server: await startServer(config, logger, { application }) };
  };
  const { config, server } = await start().catch(async (error: unknown) => {
    await removeAll();
    throw error;
  });
  const secrets = createSecrets();
  const { database, orm } = server.database;
  const origin = `http://localhost:${server.port}`;
  const url = `${origin}/graphql`;
  const createClient = () => new Client({ url }, {}, secrets);

  return {
    url,
    origin,
    get em() {
      return orm.em.fork();
    },
    log,
    async createUser<Email extends string | null = null>(
      given: Partial<NewUser> & { readonly email?: Email } = {},
    ) {
      const user = await createTestUser(database, completeUser(given));
      secrets.note("a password", user.password);
      return { ...user, email: user.email as Email };
    },
    createClient,
    async logInAs(user, mode) {
      const client = createClient();
      await client.logIn(user, mode);
      return client;
    },
    mailbox: (email) => openMailbox(dataDir, email),
    passTime: (duration, which) => passTime(database, { ours: config.databaseSchema, duration, ...which }),
    async close() {
      await server.close();
      for (const message of await readOutbox(dataDir)) secrets.noteMail(message);
      await removeAll();
      secrets.requireNoneIn(withoutDevelopersSecrets(log.join("")));
    },
  };
}
