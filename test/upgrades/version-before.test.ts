import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { asSuperuser, createRole, type Role } from "../harness/database/roles.ts";
import { graphward, type Served, serve } from "../harness/process.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";
import { buildEarlier, type EarlierBuild } from "./earlier-build.ts";
import before from "./version-before.json" with { type: "json" };

let earlier: EarlierBuild;
let database: TestDatabase;
let role: Role;
let now: App;
let then: Served;
let port: number;
const password = "a quiet tram at dawn";

beforeAll(async () => {
  earlier = buildEarlier(before.commit);
  // Migrated by this build.
  database = await createDatabase();
  role = await createRole();
  const granted = await graphward(["migrate", "--grant-to", role.name], {
    environment: { DATABASE_URL: database.url },
  });
  expect(granted.status).toBe(0);
  const secrets = {
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
    COOKIE_NAME: "graphward",
  };
  now = await startApp({ ...secrets, DATABASE_URL: database.url });
  port = await findFreePort();
  // Its own start refuses a role that lacks a right on any table, new ones too.
  const environment = {
    ...secrets,
    DATABASE_URL: role.urlFor(database.url),
    DATA_DIR: now.config.dataDir,
    EXPLORER: "off",
  };
  then = await serve(port, { environment, program: earlier.program });
});
afterAll(async () => {
  await then.stop("SIGTERM");
  await now.close();
  // Backends of the role may still be ending.
  await asSuperuser("postgres", `drop database ${database.name} with (force)`);
  await role.drop();
  earlier.remove();
});

// The operations of the tests may ask for fields that only this version has.
const logIn = async (client: Client, username: string) => {
  const answer = await client.run<{ login: { token: string } | null }>(
    `mutation { login(username: "${username}", password: "${password}") { token } }`,
  );
  client.token = answer.data?.login?.token ?? null;
  return answer.codes;
};
const askPrivately = async (client: Client) => (await client.run("{ private { message } }")).codes;

describe("the version before, on a database that this version migrated,", () => {
  const clientOf = (app: { readonly url: string }, given: Client | null = null) =>
    new Client(app, given ?? {});
  const earlierApp = () => ({ url: `http://127.0.0.1:${port}/graphql` });

  test("is what version-before.json says", () => {
    expect(earlier.version).toBe(before.version);
  });

  test("logs in, answers privately, registers and logs out, beside this version", async () => {
    const user = await now.createUser({ username: "marguerite", password });
    const client = clientOf(earlierApp());
    expect(await logIn(client, user.username)).toEqual([]);
    expect(await askPrivately(client)).toEqual([]);
    expect(await askPrivately(clientOf(now, client))).toEqual([]);

    const registered = await client.run(
      `mutation { register(input: { username: "hildegard", email: "hildegard@example.org", password: "${password}" }) { message } }`,
    );
    expect(registered.codes).toEqual([]);
    expect(await logIn(clientOf(now), "hildegard")).toEqual([]);

    const newer = clientOf(now);
    expect(await logIn(newer, user.username)).toEqual([]);
    const copy = clientOf(earlierApp(), newer);
    expect(await askPrivately(copy)).toEqual([]);
    expect((await clientOf(earlierApp(), newer).run("mutation { logout { message } }")).codes).toEqual([]);
    expect(await askPrivately(copy)).toEqual(["UNAUTHENTICATED"]);
    expect(await askPrivately(client)).toEqual([]);
  });

  test("finds nothing to migrate, and changes nothing", async () => {
    const environment = { DATABASE_URL: database.url };
    const migrated = await graphward(["migrate"], { environment, program: earlier.program });
    expect(migrated).toMatchObject({ status: 0, stdout: "The tables are up to date.\n" });
    const again = await graphward(["migrate"], { environment });
    expect(again.stdout).toBe("The tables are up to date.\n");
  });
});

test("a copy of the repository without its history is told what to run", () => {
  expect(() => buildEarlier("0".repeat(40))).toThrow(
    /which this copy of the repository does not have. In a shallow clone, run: git fetch --unshallow/,
  );
});
