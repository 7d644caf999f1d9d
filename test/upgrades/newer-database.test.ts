import pg from "pg";
import compare from "semver/functions/compare.js";
import inc from "semver/functions/inc.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { oldestCompatible } from "../../src/database/migrating/compatibility.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { asSuperuser, createRole } from "../harness/database/roles.ts";
import { until } from "../harness/mail/mail.ts";
import { begin, graphward } from "../harness/process.ts";
import { findFreePort, startApp } from "../harness/server.ts";

const { version } = manifest;
let database: TestDatabase;
let owner: pg.Client;

beforeEach(async () => {
  database = await createDatabase();
  owner = new pg.Client(database.url);
  await owner.connect();
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

const record = (migratedBy: string, oldest: string) =>
  owner.query(
    `comment on table graphward.migrations is 'Migrated by Graphward ${migratedBy}; serves Graphward ${oldest} and later.'`,
  );
const recorded = async () => {
  const { rows } = await owner.query(
    "select obj_description('graphward.migrations'::regclass, 'pg_class') as text",
  );
  return rows[0].text;
};
const forget = () => owner.query("comment on table graphward.migrations is null");
const addMigration = () =>
  owner.query(
    "insert into graphward.migrations (name, executed_at) values ('20990101000000-removals', now())",
  );
const run = (...args: string[]) => graphward(args, { environment: { DATABASE_URL: database.url } });
const start = () => startApp({ DATABASE_URL: database.url });
const starting = () => start().then((app) => app.close());

const remedy =
  "install the version that migrated it, or restore the backup from before the upgrade. See docs/upgrading.md.";
const refusal = `The database was migrated by Graphward 99.1.0 and needs at least 99.0.0, and this is Graphward ${version}: ${remedy}`;

describe("a database that needs a newer version is refused in words", () => {
  test("by the start, before it is ready", async () => {
    await record("99.1.0", "99.0.0");
    await expect(starting()).rejects.toThrow(refusal);
  });

  test("by migrate, check and each command, and is left as it was", async () => {
    await record("99.1.0", "99.0.0");
    await owner.query("delete from graphward.migrations where name like '%request-ids'");
    for (const args of [["migrate"], ["user", "list"]])
      expect(await run(...args)).toEqual({ status: 1, stdout: "", stderr: `graphward: ${refusal}\n` });
    const check = await run("check");
    expect(check.status).toBe(1);
    expect(check.stdout).toContain(`error   database: ${refusal}\n`);
    expect(await recorded()).toContain("99.1.0");
  });

  test("by a start that waits for migrations while a newer version runs them", async () => {
    const { rows } = await owner.query(
      "delete from graphward.migrations where name like '%request-ids' returning name",
    );
    expect(rows).toHaveLength(1);
    const environment = { DATABASE_URL: database.url, AUTO_MIGRATE: "off" };
    const server = begin(await findFreePort(), { environment });
    await until(() => server.output.stdout.includes("waiting for graphward migrate"));
    await record("99.1.0", "99.0.0");
    expect(await server.ended).toBe(1);
    expect(server.output.stderr).toContain(refusal);
  });

  test("by the health check of a server that runs", async () => {
    const app = await start();
    const findReason = async () => {
      const response = await fetch(`${app.origin}/health/ready`);
      return response.ok
        ? null
        : ((await response.json()) as { errors: [{ extensions: { reason: string } }] }).errors[0].extensions
            .reason;
    };
    expect(await findReason()).toBe(null);
    await record("99.1.0", "99.0.0");
    expect(await findReason()).toBe("migrated by a newer version");
    expect(app.log.join("")).toContain(
      '"reason":"migrated by a newer version","msg":"not ready for requests"',
    );
    await record("99.1.0", version);
    expect(await findReason()).toBe(null);
    await app.close();
  });

  test("when nothing is recorded, and it has a migration that this version does not know", async () => {
    await forget();
    await starting();
    await addMigration();
    await expect(starting()).rejects.toThrow(
      `The database has migrations that Graphward ${version} does not know (20990101000000-removals): ${remedy}`,
    );
  });
});

describe("a database of a newer version that only added", () => {
  test("is served, and migrate does not lower what is recorded", async () => {
    await record("99.1.0", version);
    await addMigration();
    await starting();
    const before = await recorded();
    expect(await run("migrate")).toMatchObject({ status: 0, stdout: "The tables are up to date.\n" });
    expect(await recorded()).toBe(before);
  });

  test("is served from the version that it names on: a release is newer than its prereleases", async () => {
    await record("99.1.0", "0.2.0-rc.1");
    await starting();
    await record("99.1.0", inc(version, "prepatch") ?? "");
    await expect(starting()).rejects.toThrow(/and needs at least/);
  });
});

describe("a migration records", () => {
  test("this version, and the oldest one that runs on its tables", async () => {
    const expected = `Migrated by Graphward ${version}; serves Graphward ${oldestCompatible} and later.`;
    expect(await recorded()).toBe(expected);
    for (const set of [forget, () => record("0.0.2", "0.0.1")]) {
      await set();
      await run("migrate");
      expect(await recorded()).toBe(expected);
    }
  });

  test("no version that would refuse the one that migrates", () => {
    expect(compare(oldestCompatible, version)).toBeLessThanOrEqual(0);
  });

  test("what a role that may only serve cannot change", async () => {
    const role = await createRole();
    await run("migrate", "--grant-to", role.name);
    const served = new pg.Client(role.urlFor(database.url));
    await served.connect();
    await expect(served.query("comment on table graphward.migrations is null")).rejects.toThrow(
      /must be owner/,
    );
    await served.end();
    await asSuperuser(database.name, `drop owned by ${role.name}`);
    await role.drop();
  });
});
