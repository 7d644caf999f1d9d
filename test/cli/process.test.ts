import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { migrate } from "../../src/database/migrating/migrate.ts";
import { openDatabase } from "../../src/database/open.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, routeTo } from "../harness/database/database.ts";
import { copyMadeDataDir } from "../harness/database/made-data-dir.ts";
import { graphward, serve } from "../harness/process.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import { LogInDocument, PrivateDocument, PublicDocument } from "../operations/generated/graphql.ts";

const tenSeconds = 10_000;
let directory: string;
let port: number;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-process-"));
  // As root the database runs as another user, who must be able to enter.
  await chmod(directory, 0o711);
  port = await findFreePort();
  environment = { PORT: String(port), EXPLORER: "off" };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const client = () => new Client({ url: `http://127.0.0.1:${port}/graphql` });
const passwordIn = (output: string) => /password (\S+) /.exec(output)?.[1] ?? "";

describe("on the built-in database", () => {
  test("the first start makes one administrator, says so once, and the next start knows the account", async () => {
    const first = await serve(port, { environment, directory });
    expect(first.output.stdout).toContain(`serving   http://localhost:${port}/graphql`);
    expect(first.output.stdout).toContain(`database  built-in PostgreSQL in ${directory}`);
    const account = { username: "admin", password: passwordIn(first.output.stdout) };
    const jar = client();
    expect((await jar.logIn(account, "SESSION")).user.roles).toEqual(["ADMIN"]);
    expect((await first.stop("SIGTERM")).status).toBe(0);

    const second = await serve(port, { environment, directory });
    expect(second.output.stdout).not.toContain("password");
    // The generated secret was kept: the cookie still holds.
    expect((await jar.run(PrivateDocument)).data?.private?.message).toBe("Hello admin, this is private!");
    await second.stop("SIGTERM");
  });

  test("Ctrl-C and SIGTERM end the server and its database within 10 s, with status 0", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    // Under npm a Ctrl-C comes twice: from the terminal, and passed on by npm.
    for (const signals of [["SIGINT"], ["SIGTERM"], ["SIGINT", "SIGINT"]] as const) {
      const server = await serve(port, { environment, directory });
      const { status, took } = await server.stop(...signals);
      expect([signals, status]).toEqual([signals, 0]);
      expect(took).toBeLessThan(tenSeconds);
      const postmaster = join(directory, ".graphward/postgres/cluster/postmaster.pid");
      await expect(readFile(postmaster)).rejects.toThrow("ENOENT");
    }
  });

  test("a command works while the server runs, and before it ever ran", async () => {
    const create = (username: string) =>
      graphward(["user", "create", "--username", username, "--password-stdin"], {
        environment,
        directory,
        input: "correct horse battery",
      });
    expect(await create("early")).toMatchObject({ status: 0 });
    const server = await serve(port, { environment, directory });
    expect(server.output.stdout).not.toContain("admin");
    expect(await create("late")).toMatchObject({ status: 0 });
    for (const username of ["early", "late"])
      expect(
        (await client().run(LogInDocument, { username, password: "correct horse battery" })).codes,
      ).toEqual([]);
    await server.stop("SIGTERM");
  });

  test("graphward database shows how to connect, and keeps the password in a file of its owner's", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, { environment, directory });
    const shown = await graphward(["database", "--json"], { environment, directory });
    const { passfile, ...address } = JSON.parse(shown.stdout);
    expect((await stat(passfile)).mode & 0o777).toBe(0o600);
    const [, , database, user, password = ""] = (await readFile(passfile, "utf8")).trim().split(":");
    const client = new pg.Client({ ...address, password });
    await client.connect();
    expect((await client.query("select current_user as user, current_database() as database")).rows).toEqual([
      { user, database },
    ]);
    expect((await client.query("show search_path")).rows).toEqual([{ search_path: "graphward,public" }]);
    expect((await client.query("select username from users")).rows).toEqual([{ username: "admin" }]);
    await client.end();

    const { status, stdout } = await graphward(["database"], { environment, directory });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`passfile=${passfile}"`)]);
    expect(stdout + shown.stdout).not.toContain(password);
    await server.stop("SIGTERM");
  });

  test("two servers share the database and the secret, and the last to leave stops it", async () => {
    const otherPort = await findFreePort();
    const shared = { ...environment, COOKIE_NAME: "shared" };
    const [one, other] = await Promise.all([
      serve(port, { environment: shared, directory }),
      serve(otherPort, { environment: { ...shared, PORT: String(otherPort) }, directory }),
    ]);
    const outputs = [one.output.stdout, other.output.stdout];
    const printed = outputs.map(passwordIn).filter((password) => password !== "");
    expect(printed).toHaveLength(1);
    const jar = client();
    await jar.logIn({ username: "admin", password: printed[0] ?? "" }, "SESSION");
    await one.stop("SIGTERM");
    const elsewhere = new Client(
      { url: `http://127.0.0.1:${otherPort}/graphql` },
      {
        cookies: jar.cookies,
      },
    );
    expect((await elsewhere.run(PrivateDocument)).codes).toEqual([]);
    expect((await other.stop("SIGTERM")).status).toBe(0);
  });

  test("after kill -9 of the server the next start serves what was stored", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const first = await serve(port, { environment, directory });
    const account = { username: "admin", password: passwordIn(first.output.stdout) };
    await client().logIn(account);
    await first.kill();
    const second = await serve(port, { environment, directory });
    expect((await client().run(LogInDocument, account)).codes).toEqual([]);
    await second.stop("SIGTERM");
  });

  test("production makes no account and prints no password", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, {
      environment: { ...environment, NODE_ENV: "production", HOST: "127.0.0.1" },
      directory,
    });
    expect(server.output.stdout).toContain("no user yet");
    expect(server.output.stdout).not.toContain("password");
    expect((await client().run(PublicDocument)).status).toBe(200);
    await server.stop("SIGTERM");
  });

  test("nobody else on the machine can read the secret", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, { environment, directory });
    await server.stop("SIGTERM");
    expect((await stat(join(directory, ".graphward/session-secret"))).mode & 0o077).toBe(0);
  });
});

test("with DATABASE_URL the built-in database is never touched, and an empty database gets its tables", async () => {
  const empty = await createDatabase({ empty: true });
  const server = await serve(port, {
    environment: {
      ...environment,
      DATABASE_URL: empty.url,
      SESSION_SECRET: "x1y2z3".repeat(8),
      AUDIT_KEY: "a1b2c3".repeat(8),
    },
    directory,
  });
  expect(server.output.stdout).toContain(`database  ${inject("graphwardCluster").host}/${empty.name}`);
  expect((await client().run(PublicDocument)).status).toBe(200);
  await server.stop("SIGTERM");
  const asked = await graphward(["database"], { environment: { DATABASE_URL: empty.url }, directory });
  expect([asked.status, asked.stdout]).toEqual([1, ""]);
  expect(asked.stderr).toContain("DATABASE_URL is set");
  expect(await readdir(directory)).toEqual([]);
  await empty.drop();
});

test("a command that comes first gives an empty database its tables, those of jobs too", async () => {
  const empty = await createDatabase({ empty: true });
  const run = (...args: string[]) => graphward(args, { environment: { DATABASE_URL: empty.url }, directory });
  expect(await run("user", "list")).toMatchObject({ status: 0, stdout: "No users found.\n" });
  expect(await run("mail", "list")).toMatchObject({ status: 0, stdout: expect.stringContaining("No mail") });
  expect(await run("migrate")).toMatchObject({ status: 0, stdout: "The tables are up to date.\n" });
  await empty.drop();
});

test("a command runs a migration that only this build has", async () => {
  const old = await createDatabase();
  const { database, close } = await openDatabase(readConfig({ DATABASE_URL: old.url }));
  await sql`alter table users drop column device_generation`.execute(database);
  await sql`delete from migrations where name like '%device-generation'`.execute(database);
  await close();
  const result = await graphward(["user", "list"], { environment: { DATABASE_URL: old.url }, directory });
  expect(result).toMatchObject({ status: 0, stderr: "" });
  const migrated = await graphward(["migrate"], { environment: { DATABASE_URL: old.url }, directory });
  expect(migrated.stdout).toBe("The tables are up to date.\n");
  await old.drop();
});

test("servers that start at the same moment on an empty database run each migration once", async () => {
  const empty = await createDatabase({ empty: true });
  const results = await Promise.all(
    Array.from({ length: 4 }, () =>
      graphward(["migrate"], { environment: { DATABASE_URL: empty.url }, directory }),
    ),
  );
  expect(results.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  expect(results.filter(({ stdout }) => stdout.startsWith("migrated: "))).toHaveLength(1);
  await empty.drop();
});

test("a database that several migrate at once gets each migration once", async () => {
  const empty = await createDatabase({ empty: true });
  const done = await Promise.all(
    Array.from({ length: 8 }, () => migrate(routeTo(empty.url), { schema: "graphward" })),
  );
  expect(done.filter((names) => names.length > 0)).toHaveLength(1);
  await empty.drop();
});

test("a port that is taken is told in one line, with exit status 1", async () => {
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  const empty = await createDatabase();
  const result = await graphward(["start"], {
    environment: { ...environment, DATABASE_URL: empty.url },
    directory,
  });
  expect(result).toMatchObject({
    status: 1,
    stderr: `graphward: Cannot listen on 127.0.0.1:${port}: the port is in use; choose another PORT.\n`,
  });
  other.close();
  await empty.drop();
});

test("SIGTERM lets the requests under way finish", async () => {
  const copy = await createDatabase();
  const server = await serve(port, {
    environment: { ...environment, DATABASE_URL: copy.url, RATE_LIMITS: withoutLimits },
    directory,
  });
  // Twenty hashes, three at a time: they are under way when the signal comes.
  const logins = Array.from({ length: 20 }, () =>
    client().run(LogInDocument, { username: "nobody", password: "not the right password" }),
  );
  await client().run(PublicDocument);
  const { status } = await server.stop("SIGTERM");
  const answers = await Promise.all(logins);
  expect(answers.map(({ codes }) => codes)).toEqual(answers.map(() => ["INVALID_CREDENTIALS"]));
  expect(status).toBe(0);
  await copy.drop();
});
