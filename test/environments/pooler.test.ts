import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward } from "../harness/process.ts";
import { type AppWithMail, startApp, startWithMail } from "../harness/server.ts";
import {
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  RegisterDocument,
} from "../operations/generated/graphql.ts";
import { type PgBouncer, startPgBouncer } from "./pgbouncer.ts";

const newPerson = () => {
  const username = `person-${randomBytes(6).toString("hex")}`;
  return { username, email: `${username}@example.com`, password: "correct horse battery staple" };
};

const withAdmin = async (database: string, ...statements: string[]) => {
  const admin = new pg.Client({ ...inject("graphwardCluster"), database });
  await admin.connect();
  for (const statement of statements) await admin.query(statement);
  await admin.end();
};

/** Every connection of the pool at once, several times. */
const registerMany = async (app: AppWithMail) => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => new Client(app).run(RegisterDocument, { input: newPerson() })),
  );
  expect(new Set(answers.map(({ status, codes }) => [status, ...codes].join()))).toEqual(new Set(["200"]));
};

const logInAndOut = async (app: AppWithMail) => {
  const user = await app.createUser();
  const client = new Client(app);
  await client.logIn(user);
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
  await client.run(LogOutDocument);
  expect((await client.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
};

/** The tests' cluster does not wait for its disk; behind a pooler in transaction mode, we could not change that. */
const createDurable = async (options?: { readonly empty: boolean }): Promise<TestDatabase> => {
  const made = await createDatabase(options);
  await withAdmin(made.name, `alter database ${made.name} set synchronous_commit = on`);
  return made;
};

let database: TestDatabase;

beforeAll(async () => {
  database = await createDurable({ empty: true });
});
afterAll(async () => {
  await database.drop();
});

describe("behind PgBouncer in transaction mode", () => {
  let pooler: PgBouncer;
  let strict: PgBouncer;

  beforeAll(async () => {
    pooler = await startPgBouncer(
      "pool_mode = transaction",
      "default_pool_size = 5",
      "ignore_startup_parameters = extra_float_digits",
    );
    strict = await startPgBouncer("pool_mode = statement");
  });
  afterAll(async () => {
    await pooler.stop();
    await strict.stop();
  });

  test("a start without DATABASE_DIRECT_URL is refused by one line that names it, before anything is made", async () => {
    const environment = { DATABASE_URL: pooler.urlOf(database.name) };
    const { status, stderr } = await graphward(["migrate"], { environment });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^graphward: [^\n]* is behind a pooler in transaction mode: set DATABASE_DIRECT_URL to the database itself, or to a pooler in session mode\.\n$/,
      ),
    ]);
    const client = new pg.Client({ ...inject("graphwardCluster"), database: database.name });
    await client.connect();
    expect(
      (
        await client.query(
          "select from pg_tables where schemaname <> 'information_schema' and schemaname <> 'pg_catalog'",
        )
      ).rows,
    ).toEqual([]);
    await client.end();
  });

  test("and so is one whose DATABASE_DIRECT_URL leads to a pooler in transaction mode, or to another database", async () => {
    const other = await createDurable();
    const run = (DATABASE_DIRECT_URL: string) =>
      graphward(["migrate"], {
        environment: { DATABASE_URL: pooler.urlOf(database.name), DATABASE_DIRECT_URL },
      });
    expect((await run(pooler.urlOf(database.name))).stderr).toMatch(
      /^graphward: DATABASE_DIRECT_URL leads to a pooler in transaction mode at [^\n]*: write the URL of the database itself, or of a pooler in session mode\.\n$/,
    );
    expect((await run(other.url)).stderr).toMatch(
      /^graphward: DATABASE_DIRECT_URL leads to another database \([^\n]*\) than DATABASE_URL \([^\n]*\): write the same database in both\.\n$/,
    );
    await other.drop();
  });

  test("statement mode is refused", async () => {
    const environment = { DATABASE_URL: strict.urlOf(database.name) };
    expect((await graphward(["migrate"], { environment })).stderr).toMatch(
      /^graphward: [^\n]*it is a pooler in statement mode: set its pool_mode to transaction\n$/,
    );
  });

  test("with it, everything works, at the second start too", async () => {
    const environment = { DATABASE_URL: pooler.urlOf(database.name), DATABASE_DIRECT_URL: database.url };
    for (const _start of ["first", "second"]) {
      const app = await startWithMail(environment);
      try {
        expect(app.server.database.description).toContain("by a pooler in transaction mode");
        await registerMany(app);
        await logInAndOut(app);
        const person = newPerson();
        await new Client(app).run(RegisterDocument, { input: person });
        await until(async () => app.mail.raw.some((mail) => mail.includes(person.email)));
      } finally {
        await app.close();
      }
      const listed = await graphward(["user", "list"], { environment });
      expect(listed).toMatchObject({ status: 0, stderr: "" });
    }
  });

  test("a revocation made by one server reaches the cache of the other", async () => {
    const environment = { DATABASE_URL: pooler.urlOf(database.name), DATABASE_DIRECT_URL: database.url };
    const here = await startApp(environment);
    const there = await startApp({
      ...environment,
      SESSION_SECRET: here.config.sessionSecrets.join(),
      AUDIT_KEY: here.config.auditKeys.join(),
    });
    try {
      const user = await here.createUser();
      const client = new Client(here);
      await client.logIn(user);
      const elsewhere = new Client(there, { token: client.token });
      expect((await elsewhere.run(PrivateDocument)).codes).toEqual([]);
      await client.run(LogOutDocument);
      await until(async () => (await elsewhere.run(PrivateDocument)).codes.includes("UNAUTHENTICATED"));
    } finally {
      await there.close();
      await here.close();
    }
  });

  test("another default isolation of the role fails no registration and no login", async () => {
    const other = await createDurable();
    await withAdmin(
      other.name,
      `alter database ${other.name} set default_transaction_isolation = 'serializable'`,
    );
    const app = await startWithMail({
      DATABASE_URL: pooler.urlOf(other.name),
      DATABASE_DIRECT_URL: other.url,
    });
    try {
      await registerMany(app);
      const user = await app.createUser();
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => new Client(app).run(LogInDocument, user)),
      );
      expect(answers.flatMap(({ codes }) => codes)).toEqual([]);
    } finally {
      await app.close();
      await other.drop();
    }
  });

  test("a default that no transaction can state is refused, with the statement to run", async () => {
    const other = await createDurable();
    await withAdmin(
      other.name,
      `alter database ${other.name} set statement_timeout = '20ms'`,
      `alter database ${other.name} set default_transaction_read_only = on`,
    );
    const environment = { DATABASE_URL: pooler.urlOf(other.name), DATABASE_DIRECT_URL: other.url };
    const { status, stderr } = await graphward(["user", "list"], { environment });
    expect(status).toBe(1);
    const [, remedy = ""] =
      /^graphward: [^\n]* sets by default what a pooler's client cannot change: run ([^\n]*)\n$/.exec(
        stderr,
      ) ?? [];
    expect(remedy).toContain("statement_timeout = '10000';");
    await withAdmin(other.name, ...remedy.split("; "));
    // Connections that the pooler has open keep what they began with.
    await withAdmin(
      other.name,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    expect(await graphward(["user", "list"], { environment })).toMatchObject({ status: 0, stderr: "" });
    await other.drop();
  });
});

test("PgBouncer whose PostgreSQL is away is waited for like PostgreSQL", async () => {
  const pooler = await startPgBouncer("pool_mode = session", "[databases]", "away = host=127.0.0.1 port=1");
  const environment = { DATABASE_URL: pooler.urlOf("away"), DATABASE_WAIT: "1s" };
  for (const _command of ["while it tries", "when it has given up"])
    expect((await graphward(["user", "list"], { environment })).stderr).toMatch(/ does not respond[^\n]*\n$/);
  await pooler.stop();
});

describe("behind PgBouncer in session mode", () => {
  test.each([
    ["that refuses startup parameters", []],
    [
      "that ignores startup parameters",
      [
        "ignore_startup_parameters = IntervalStyle, bytea_output, extra_float_digits, default_transaction_isolation, default_transaction_read_only, default_transaction_deferrable, transform_null_equals, row_security, idle_session_timeout, log_parameter_max_length_on_error, statement_timeout, idle_in_transaction_session_timeout, lock_timeout",
      ],
    ],
  ])("one URL is enough, and each connection states what it relies on: %s", async (_what, settings) => {
    const other = await createDurable();
    await withAdmin(
      other.name,
      `alter database ${other.name} set default_transaction_isolation = 'serializable'`,
      `alter database ${other.name} set default_transaction_read_only = on`,
      `alter database ${other.name} set statement_timeout = '20ms'`,
    );
    const pooler = await startPgBouncer("pool_mode = session", "default_pool_size = 40", ...settings);
    const app = await startWithMail({ DATABASE_URL: pooler.urlOf(other.name) });
    try {
      expect(app.server.database.description).toContain("by a pooler in session mode");
      await registerMany(app);
      await logInAndOut(app);
    } finally {
      await app.close();
      await pooler.stop();
      await other.drop();
    }
  });

  test("it serves as the direct way beside transaction mode", async () => {
    const other = await createDurable();
    const [transactions, sessions] = [
      await startPgBouncer("pool_mode = transaction"),
      await startPgBouncer("pool_mode = session"),
    ];
    const app = await startWithMail({
      DATABASE_URL: transactions.urlOf(other.name),
      DATABASE_DIRECT_URL: sessions.urlOf(other.name),
    });
    try {
      await registerMany(app);
      await logInAndOut(app);
    } finally {
      await app.close();
      await transactions.stop();
      await sessions.stop();
      await other.drop();
    }
  });
});
