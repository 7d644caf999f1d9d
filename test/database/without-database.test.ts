import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client } from "../harness/client.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import {
  LogInDocument,
  PrivateDocument,
  PublicDocument,
  ViewerDocument,
} from "../operations/generated/graphql.ts";

let app: App;
let user: User;
let client: Client;
let admin: pg.Client;
let database: string;

beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
  client = new Client(app);
  await client.logIn(user);
  admin = new pg.Client(inject("graphwardCluster"));
  await admin.connect();
  database = app.databaseName;
});
afterAll(async () => {
  await admin.end();
  await app.close();
});

const terminateBackends = () =>
  admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [database]);

const withoutDatabase = async (work: () => Promise<void>) => {
  await admin.query(`alter database ${database} allow_connections false`);
  await terminateBackends();
  try {
    await work();
  } finally {
    await admin.query(`alter database ${database} allow_connections true`);
  }
};

describe("while the database is away", () => {
  test("what needs no viewer is answered: it costs no query, and nor does a bad signature or a malformed token", async () => {
    await withoutDatabase(async () => {
      const cookie = new Client(app, { cookies: client.cookies });
      expect((await cookie.run(PublicDocument)).status).toBe(200);
      const tampered = new Client(app, {
        cookies: new Map([["graphward", `${client.cookies.get("graphward")}x`]]),
      });
      expect((await tampered.run(ViewerDocument)).data?.viewer).toBeNull();
      expect((await new Client(app).run(ViewerDocument)).codes).toEqual([]);
      const token = client.token ?? "";
      for (const mistyped of [
        "gws_mistyped",
        `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`,
        makeToken("other_" as never),
      ]) {
        const headers = { authorization: `Token ${mistyped}` };
        expect((await new Client(app).post('{"query":"{ public { message } }"}', headers)).status).toBe(401);
      }
    });
  });

  test("what needs it is SERVICE_UNAVAILABLE with 503 and Retry-After, and service returns by itself", async () => {
    await withoutDatabase(async () => {
      const cookie = new Client(app, { cookies: client.cookies });
      for (const answer of [
        await client.run(PrivateDocument),
        await cookie.run(PrivateDocument),
        // What it shows depends on who is calling.
        await cookie.run("{ __schema { queryType { name } } }"),
        await new Client(app).run(LogInDocument, user),
      ]) {
        expect([answer.status, answer.codes]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);
        expect(answer.headers.get("retry-after")).toBe("1");
        expect(answer.text).not.toContain(database);
      }
    });
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
  });

  test("a login with a name that nobody can have is refused without a query", async () => {
    await withoutDatabase(async () => {
      for (const username of ["", "two words", "a@", "@b.com"])
        expect((await new Client(app).run(LogInDocument, { ...user, username })).codes).toEqual([
          "INVALID_CREDENTIALS",
        ]);
    });
  });

  test("live stays 200 and ready says 503", async () => {
    await withoutDatabase(async () => {
      expect((await fetch(`${app.origin}/health/live`)).status).toBe(200);
      expect((await fetch(`${app.origin}/health/ready`)).status).toBe(503);
    });
    expect((await fetch(`${app.origin}/health/ready`)).status).toBe(200);
  });
});

test("transactions whose backends are terminated give their places in the pool back, however many there are", async () => {
  for (let count = 0; count < 30; count += 1) {
    const lost = app.database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("users").select("id").execute();
      await terminateBackends();
      await transaction.selectFrom("users").select("id").execute();
    });
    await expect(lost).rejects.toThrow();
  }
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
});
