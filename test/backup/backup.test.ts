import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createArchiveWriter, readArchive } from "../../src/backup/archive.ts";
import { minutes } from "../../src/time.ts";
import { type ApplicationDirectory, makeApplication } from "../harness/application-directory.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { asSuperuser, createRole } from "../harness/database/roles.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward, program } from "../harness/process.ts";
import { startApp, withoutLimits } from "../harness/server.ts";
import { RegisterDocument, ViewerDocument } from "../operations/generated/graphql.ts";
import { describeDump, restoreDump } from "../upgrades/dumps.ts";
import { contentsOf, fillOwnTables, withClient } from "./contents.ts";

/** Each starts a dozen commands. */
vi.setConfig({ testTimeout: minutes(4) });

let directory: string;
const databases: TestDatabase[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-backup-"));
  await chmod(directory, 0o711);
});
afterAll(() => rm(directory, { recursive: true, force: true }));
afterEach(async () => {
  for (const { name } of databases.splice(0))
    await asSuperuser("postgres", `drop database if exists ${name} with (force)`);
});

const newDatabase = async (contents: Parameters<typeof createDatabase>[0] = {}): Promise<TestDatabase> => {
  const database = await createDatabase(contents);
  databases.push(database);
  return database;
};
const emptyDatabase = () => newDatabase({ empty: true });
const newFile = () => join(directory, `${randomBytes(6).toString("hex")}.backup`);

const run = (url: string, ...args: readonly string[]) =>
  graphward(args, { environment: { DATABASE_URL: url, DATA_DIR: join(directory, "data") }, directory });

const backUp = async (url: string, ...options: readonly string[]): Promise<string> => {
  const file = newFile();
  expect(await run(url, "backup", file, ...options)).toMatchObject({ status: 0, stderr: "" });
  return file;
};

const tablesIn = (url: string) =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = 'graphward'",
    );
    return rows.map(({ name }) => name);
  });

test("every table comes back with every value, rule and sequence, into an empty database and a migrated one", async () => {
  const database = await newDatabase();
  await fillOwnTables(database);
  const before = await contentsOf(database.url);
  expect(Object.keys(before).length).toBeGreaterThan(60);
  expect(
    Object.entries(before).filter(([name, text]) => /^graphward\.\w+$/.test(name) && /^0 /.test(text)),
  ).toEqual([]);
  const file = await backUp(database.url);
  for (const target of [await emptyDatabase(), await newDatabase()]) {
    const restored = await run(target.url, "restore", file);
    expect(restored).toMatchObject({ status: 0, stderr: "" });
    expect(await contentsOf(target.url)).toEqual(before);
  }
  // And what a restored database gives is the same again.
  const again = await backUp(databases.at(-1)?.url ?? "");
  const last = await emptyDatabase();
  expect((await run(last.url, "restore", again)).status).toBe(0);
  expect(await contentsOf(last.url)).toEqual(before);
});

describe("a backup that is not as it was written", () => {
  let database: TestDatabase;
  let file: string;
  let target: TestDatabase;
  beforeEach(async () => {
    database = await newDatabase();
    await fillOwnTables(database, 2);
    file = await backUp(database.url);
    target = await emptyDatabase();
  });

  test("is refused with nothing written, cut or changed", async () => {
    const whole = await readFile(file);
    const changed = Buffer.from(whole);
    changed[Math.floor(whole.length / 2)] = (changed[Math.floor(whole.length / 2)] ?? 0) ^ 1;
    for (const bytes of [
      changed,
      whole.subarray(0, -1),
      whole.subarray(0, 5000),
      Buffer.alloc(0),
      Buffer.alloc(9000),
    ]) {
      await writeFile(file, bytes);
      const { status, stderr } = await run(target.url, "restore", file);
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/^graphward: The backup .+ is damaged: .+\. Nothing was restored\.\n$/),
      ]);
    }
    expect(await tablesIn(target.url)).toEqual([]);
  });

  /** What a restore says of the backup with another manifest. */
  const restoreChanged = async (
    replace: (manifest: { format: number; version: string; migrations: { own: string[] } }) => void,
  ) => {
    const [from, path] = [await open(file, "r"), newFile()];
    const to = await open(path, "wx");
    const archive = createArchiveWriter((bytes) => to.appendFile(bytes));
    for await (const { path: name, content } of readArchive(from)) {
      const manifest = name === "manifest.json" ? JSON.parse(content.toString()) : null;
      if (manifest !== null) replace(manifest);
      await archive.add({
        path: name,
        content: manifest === null ? content : Buffer.from(JSON.stringify(manifest)),
      });
    }
    await archive.end();
    await Promise.all([from.close(), to.close()]);
    return (await run(target.url, "restore", path)).stderr;
  };

  test("of a newer version is refused in words", async () => {
    const newerFormat = (manifest: { format: number; version: string }) =>
      Object.assign(manifest, { format: 2, version: "9.1.0" });
    expect(await restoreChanged(newerFormat)).toMatch(
      /^graphward: The backup is of Graphward 9\.1\.0, and this is Graphward \S+, which is older: its format is 2\. Install 9\.1\.0 or later\. Nothing was restored\.\n$/,
    );
    expect(
      await restoreChanged(({ migrations }) => void migrations.own.push("29991231000000-removals")),
    ).toContain("which is older: it has the migration 29991231000000-removals.");
    expect(await tablesIn(target.url)).toEqual([]);
  });

  test("drives no terminal by what it says of itself", async () => {
    const hostile = "9.1\u001b[2J\u009b2J\u202e\rgraphward: Restored";
    const lines = await restoreChanged((manifest) =>
      Object.assign(manifest, { format: 2, version: hostile }),
    );
    expect(lines).toContain("of Graphward 9.1\\u{1b}[2J\\u{9b}2J\\u{202e}\\u{d}graphward: Restored, and");
    expect(lines.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const migration = "29991231000000\u001b]0;forged\u0007";
    expect(await restoreChanged(({ migrations }) => void migrations.own.push(migration))).toContain(
      "it has the migration 29991231000000\\u{1b}]0;forged\\u{7}.",
    );
  });
});

test("a database with users, or with anything that somebody did, is refused, and nothing in it changes", async () => {
  const database = await newDatabase();
  await fillOwnTables(database, 2);
  const file = await backUp(database.url);
  const [taken, recorded] = [await newDatabase(), await newDatabase()];
  const user = ["user", "create", "--username", "alice", "--password-stdin"];
  await graphward(user, { environment: { DATABASE_URL: taken.url }, input: "a quiet tram at dawn" });
  await run(recorded.url, "role", "grant", "SUPPORT", "users:read");
  for (const [target, table] of [
    [taken, "users"],
    [recorded, "audit_events"],
  ] as const) {
    const before = await contentsOf(target.url);
    expect(await run(target.url, "restore", file)).toMatchObject({
      status: 1,
      stderr: `graphward: The table graphward.${table} has rows: a backup is restored into an empty database only, and nothing was changed.\n`,
    });
    expect(await contentsOf(target.url)).toEqual(before);
  }
});

test("the file is its owner's alone, appears when it is complete, and replaces nothing unasked", async () => {
  const database = await newDatabase();
  const file = await backUp(database.url);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, "precious");
  const refused = await run(database.url, "backup", file);
  expect(refused).toMatchObject({
    status: 1,
    stderr: `graphward: ${file} exists: choose another name, or add --force.\n`,
  });
  expect(await readFile(file, "utf8")).toBe("precious");
  expect((await run(database.url, "backup", file, "--force")).status).toBe(0);
  expect((await run((await emptyDatabase()).url, "restore", file)).status).toBe(0);

  const nothing = newFile();
  expect(await run((await emptyDatabase()).url, "backup", nothing)).toMatchObject({
    status: 1,
    stderr: "graphward: There is nothing to back up: the schema graphward has no tables of Graphward.\n",
  });
  expect(
    (await readdir(directory)).filter((name) => nothing.endsWith(name) || name.includes("unfinished")),
  ).toEqual([]);

  const piped = newFile();
  const to = await open(piped, "wx");
  const child = spawn(process.execPath, [program, "backup", "-"], {
    stdio: ["ignore", to.fd, "inherit"],
    env: { PATH: process.env.PATH, DATABASE_URL: database.url },
  });
  expect((await once(child, "close"))[0]).toBe(0);
  await to.close();
  expect((await run((await emptyDatabase()).url, "restore", piped)).status).toBe(0);
  // Any tar and gzip can read it.
  expect(execFileSync("tar", ["-tf", piped], { encoding: "utf8" })).toMatch(/^manifest\.json\n/);
});

describe("150,000 sessions", () => {
  let database: TestDatabase;
  let file: string;
  let expected: Awaited<ReturnType<typeof contentsOf>>;
  beforeAll(async () => {
    database = await createDatabase();
    await withClient(database.url, async (client) => {
      await client.query(
        `insert into graphward.users (id, username, canonical_username, roles, is_active, created_at)
         values (gen_random_uuid(), 'alice', 'alice', '{}', true, now())`,
      );
      await client.query(
        `insert into graphward.sessions (id, user_id, token_digest, user_agent, created_at, last_used_at, authenticated_at,
           idle_expires_at, absolute_expires_at)
         select gen_random_uuid(), users.id, sha256(n::text::bytea), repeat(md5(n::text), 16), now(), now(), now(), now(), now()
         from graphward.users, generate_series(1, 150000) n`,
      );
    });
    expected = await contentsOf(database.url);
    file = newFile();
  });
  afterAll(() => database.drop());

  const tellMemory =
    "--import=data:text/javascript,process.on('exit',()=>process.stderr.write('peak'+process.resourceUsage().maxRSS))";
  const measure = async (url: string, ...args: readonly string[]) => {
    const start = performance.now();
    const environment = { DATABASE_URL: url, NODE_OPTIONS: tellMemory };
    const { stderr, status } = await graphward(args, { environment });
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^peak\d+$/)]);
    return { took: performance.now() - start, kibibytes: Number(/peak(\d+)/.exec(stderr)?.[1]) };
  };

  test(
    "pass through memory in pieces, and a restore that is killed leaves nothing of them",
    async () => {
      const [small, nothing] = [await newDatabase(), newFile()];
      const ofNothing = await measure(small.url, "backup", nothing);
      const ofMany = await measure(database.url, "backup", file);
      const restoredNothing = await measure((await emptyDatabase()).url, "restore", nothing);
      const target = await emptyDatabase();
      const restoredMany = await measure(target.url, "restore", file);
      expect(await contentsOf(target.url)).toEqual(expected);
      // Less than the rows: 120 MB of text, pieces of which wait for the collector. Twice as many rows need no more.
      expect(ofMany.kibibytes - ofNothing.kibibytes).toBeLessThan(100 * 1024);
      expect(restoredMany.kibibytes - restoredNothing.kibibytes).toBeLessThan(100 * 1024);

      const killed = await emptyDatabase();
      let rounds = 0;
      for (; rounds < 5; rounds += 1) {
        const child = spawn(process.execPath, [program, "restore", file], {
          stdio: "ignore",
          env: { PATH: process.env.PATH, DATABASE_URL: killed.url },
        });
        const ended = once(child, "exit");
        // In each of its parts: the check of the file, the migrations, the rows, the keys.
        await pass(restoredMany.took * (0.2 + 0.17 * rounds));
        child.kill("SIGKILL");
        await ended;
        await withoutOthers(killed.url);
        // It was done before it was killed.
        if ((await tablesIn(killed.url)).length > 0) break;
      }
      expect(rounds).toBeGreaterThan(0);
      if (rounds === 5) expect(await run(killed.url, "restore", file)).toMatchObject({ status: 0 });
      expect(await contentsOf(killed.url)).toEqual(expected);
    },
    minutes(6),
  );

  /** PostgreSQL rolls back what the killed process had begun. */
  const withoutOthers = (url: string) =>
    withClient(url, async (client) => {
      for (;;) {
        const { rowCount } = await client.query(
          "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
        );
        if (rowCount === 0) return;
        await pass(50);
      }
    });
});

test("while a server writes without a pause, each backup has each user with its event, and each event with its user", async () => {
  const app = await startApp({ RATE_LIMITS: withoutLimits });
  let isOver = false;
  const register = async () => {
    while (!isOver) {
      const username = `person-${randomBytes(6).toString("hex")}`;
      const input = { username, email: `${username}@example.org`, password: "a quiet tram at dawn" };
      expect((await new Client(app).run(RegisterDocument, { input })).codes).toEqual([]);
    }
  };
  const url = app.config.databaseUrl ?? "";
  const writers = Promise.all([register(), register(), register()]);
  const counts: number[] = [];
  await until(() => app.database.selectFrom("users").select("id").executeTakeFirst());
  for (let round = 1; round <= 2; round += 1) {
    const file = await backUp(url);
    const target = await emptyDatabase();
    expect((await run(target.url, "restore", file)).status).toBe(0);
    await withClient(target.url, async (client) => {
      const { rows } = await client.query(
        `select (select count(*)::int from graphward.users) as users,
           (select count(*)::int from graphward.users where not exists (
             select from graphward.audit_events where user_id = users.id)) as unrecorded,
           (select count(*)::int from graphward.audit_events where user_id is not null and not exists (
             select from graphward.users where users.id = user_id)) as unknown`,
      );
      expect(rows).toEqual([{ users: expect.any(Number), unrecorded: 0, unknown: 0 }]);
      counts.push(rows[0].users);
    });
  }
  isOver = true;
  await writers;
  await app.close();
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts).toEqual([...new Set(counts)].sort((one, other) => one - other));
});

test("a backup of an older version is migrated by the restore, and nobody is logged out", async () => {
  const then = describeDump("own-schema");
  const old = await restoreDump("own-schema");
  databases.push(old);
  // By this version, before its first migration.
  const file = await backUp(old.url);
  const target = await emptyDatabase();
  const restored = await run(target.url, "restore", file);
  expect(restored.stdout).toMatch(/^migrated: 20261128082006-user-profiles\n/);
  expect(await run((await newDatabase()).url, "restore", file)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      "): restore into an empty database, which is migrated behind the backup.",
    ),
  });
  const app = await startApp({
    DATABASE_URL: target.url,
    SESSION_SECRET: then.sessionSecret,
    AUDIT_KEY: then.auditKey,
    COOKIE_NAME: "graphward",
    AUDIT_RETENTION: "36500d",
  });
  const cookies = new Map(Object.entries(then.cookies));
  for (const client of [new Client(app, { cookies }), new Client(app, { token: then.token })])
    expect((await client.run(ViewerDocument)).data?.viewer?.username).toBe("grace");
  await app.close();
});

test("a role that may only serve backs up everything, and a restore gives it its rights again", async () => {
  const role = await createRole();
  const database = await newDatabase();
  await fillOwnTables(database, 3);
  expect((await run(database.url, "migrate", "--grant-to", role.name)).status).toBe(0);
  const file = await backUp(role.urlFor(database.url));
  const target = await emptyDatabase();
  const restored = await run(target.url, "restore", file, "--grant-to", role.name);
  expect(restored).toMatchObject({ status: 0, stderr: "" });
  expect(await contentsOf(target.url)).toEqual(await contentsOf(database.url));
  expect(await run(role.urlFor(target.url), "user", "list", "--json")).toMatchObject({
    status: 0,
    stderr: "",
  });
  const refused = await run(role.urlFor((await emptyDatabase()).url), "restore", file);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("may not create the schemas") });
  for (const { name } of databases.splice(0))
    await asSuperuser("postgres", `drop database ${name} with (force)`);
  await role.drop();
});

test("secrets that are not those of the backup are told, and the file holds none of them", async () => {
  const database = await newDatabase();
  const newSecret = () => randomBytes(32).toString("hex");
  const [session, audit, other] = [newSecret(), newSecret(), newSecret()];
  const withSecrets = (url: string, sessions: string, keys: string, ...args: readonly string[]) =>
    graphward(args, { environment: { DATABASE_URL: url, SESSION_SECRET: sessions, AUDIT_KEY: keys } });
  const file = newFile();
  await withSecrets(database.url, session, audit, "backup", file);
  const bytes = await readFile(file);
  for (const secret of [session, audit]) {
    expect(bytes.includes(secret)).toBe(false);
    expect(bytes.includes(createHash("sha256").update(secret).digest("hex"))).toBe(false);
  }
  const told = await withSecrets((await emptyDatabase()).url, other, other, "restore", file);
  expect(told.stderr).toMatch(
    /^graphward: SESSION_SECRET lacks a secret of the server that was backed up: .+\ngraphward: AUDIT_KEY lacks a key of the server that was backed up: .+\n$/,
  );
  const both = await withSecrets(
    (await emptyDatabase()).url,
    `${other},${session}`,
    audit,
    "restore",
    file,
    "--json",
  );
  expect(both).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(both.stdout)).toMatchObject({ rows: expect.any(Number), ended: null, otherSecrets: [] });
});

describe("an application's tables", () => {
  let application: ApplicationDirectory;
  beforeAll(async () => {
    application = await makeApplication();
    await application.write(
      "migrations/20261128000000-all-types.ts",
      `
import { Migration } from "graphward/orm";

export default class AllTypes extends Migration {
  override up(): void {
    for (const statement of [
      "create type mood as enum ('good', 'bad ''day''')",
      "create domain short as text check (length(value) < 9)",
      'create table "Odd. Names" ("id" bigint generated always as identity primary key, "a.b" text, "from" int, parent bigint references "Odd. Names")',
      \`create table types (id uuid primary key, author uuid references graphward.users on delete cascade, n numeric, f float8, r real,
        i interval, t time, tz timetz, d date, ts timestamp, moods mood[], s short, ranges int4multirange, addresses inet[], bits varbit,
        grid int[][], j json, money_left money, x xml, doubled int generated always as (length(s) * 2) stored)\`,
      "create table parts (at date not null, n serial, note text) partition by range (at)",
      "create table parts_old partition of parts for values from ('2020-01-01') to ('2025-01-01')",
      "create table parts_new partition of parts for values from ('2025-01-01') to ('2030-01-01')",
      "create table base (id int)",
      "create table derived (more int) inherits (base)",
      "create materialized view counted as select count(*) as n from base",
      "create function forbid() returns trigger language plpgsql as $$ begin raise exception 'a trigger ran'; end $$",
      "create trigger forbidden before insert on types for each row execute function forbid()",
      "create trigger asleep before insert on base for each row execute function forbid()",
      "alter table base disable trigger asleep",
      "alter table types enable always trigger forbidden",
      "insert into base values (1)",
    ]) this.addSql(statement);
  }
}
`,
    );
    await application.generate();
  });
  afterAll(() => application.remove());
  const inFolder = (url: string, ...args: readonly string[]) =>
    graphward(args, { environment: { DATABASE_URL: url }, directory: application.root });

  test("come back with every type, and without its folder they are not forgotten", async () => {
    const database = await emptyDatabase();
    expect(await inFolder(database.url, "migrate")).toMatchObject({ status: 0 });
    await withClient(database.url, async (client) => {
      await client.query(`
        set search_path = public;
        insert into graphward.users (id, username, canonical_username, roles, is_active, created_at)
          values ('01a20a74-3799-72b9-aebe-5351f4839174', 'alice', 'alice', '{}', true, now());
        alter table types disable trigger forbidden;
        insert into types values
          (gen_random_uuid(), '01a20a74-3799-72b9-aebe-5351f4839174', 'NaN', 0.1 + 0.2, 1e-40, '-3 years 4 days -05:06:07.000001', '24:00', '12:00+14',
           '4713-01-01 BC', 'infinity', '{good,"bad ''day''"}', 'Zoë', '{[1,3),[5,)}', '{10.0.0.0/8,::1}', '10101', '{{1,2},{3,null}}',
           '{"b":1, "a" : [1]}', '-1.50', '<a>&amp;</a>'),
          (gen_random_uuid(), null, 123456789012345678901234567890.000000001, '-infinity', null, null, null, null, null, null, '{}', null, '{}', '{}', '',
           '{}', null, null, null);
        alter table types enable always trigger forbidden;
        insert into "Odd. Names" ("a.b", "from", parent) values ('\\N', 1, null), (E'\\t', null, 3), (null, 2, 1);
        insert into parts (at, note) values ('2021-05-05', 'old'), ('2026-05-05', 'new');
        insert into derived values (2, 3), (4, null);
        refresh materialized view counted;
        create table elsewhere (id serial)`);
    });
    const before = await contentsOf(database.url);
    expect((await run(database.url, "backup", newFile())).stderr).toContain(
      "The database has tables of an application: run this command in the application's folder, or its backup would lack them.",
    );
    const role = await createRole();
    expect((await inFolder(database.url, "migrate", "--grant-to", role.name)).status).toBe(0);
    const unread = await inFolder(role.urlFor(database.url), "backup", newFile());
    expect(unread.stderr).toMatch(/ cannot be read \(permission denied for table /);
    expect(unread.stderr).toContain("). If it is another program's: --without public.");
    await asSuperuser(database.name, `drop owned by ${role.name}; drop role ${role.name}`);
    const file = newFile();
    expect(await inFolder(database.url, "backup", file)).toMatchObject({ status: 0, stderr: "" });
    expect((await run((await emptyDatabase()).url, "restore", file)).stderr).toContain(
      "The backup has tables of an application whose migration 20261128000000-all-types is not here",
    );
    const target = await emptyDatabase();
    expect((await inFolder(target.url, "restore", file)).stderr).toBe(
      "graphward: No migration makes the table public.elsewhere of the backup. If it is another program's: --without public.elsewhere. Nothing was restored.\n",
    );
    expect(await tablesIn(target.url)).toEqual([]);
    expect(await inFolder(target.url, "restore", file, "--without", "public.elsewhere")).toMatchObject({
      status: 0,
      stderr: "",
    });
    const expected = Object.entries(before).filter(([name]) => !/^(?:public\.)?elsewhere/.test(name));
    expect(await contentsOf(target.url)).toEqual(Object.fromEntries(expected));
    // The other program runs there already, and has given more numbers since.
    const shared = await emptyDatabase();
    await withClient(shared.url, (client) =>
      client.query("create table elsewhere (id serial); select setval('elsewhere_id_seq', 500)"),
    );
    expect(await inFolder(shared.url, "restore", file, "--without", "public.elsewhere")).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(await contentsOf(shared.url)).toMatchObject({ "public.elsewhere_id_seq": "500t" });
    // Rows of an application without a user are somebody's work too.
    const taken = await emptyDatabase();
    await inFolder(taken.url, "migrate");
    expect((await inFolder(taken.url, "restore", file, "--without", "public.elsewhere")).stderr).toContain(
      "The table public.base has rows",
    );
  });
});
