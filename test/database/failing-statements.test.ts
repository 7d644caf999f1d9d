import { GraphQLNonNull, GraphQLString } from "graphql";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/database/tables.ts";
import { errorTable } from "../../src/errors.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { Client } from "../harness/client.ts";
import { readPostgresLog, sizeOfPostgresLog } from "../harness/logs/postgres-log.ts";
import { until } from "../harness/mail/mail.ts";
import { rootFieldsOf, sampleOf } from "../harness/root-fields.ts";
import { type App, startApp } from "../harness/server.ts";
import { PrivateDocument, RegisterDocument } from "../operations/generated/graphql.ts";

const sampleText = sampleOf(new GraphQLNonNull(GraphQLString));

describe("a statement that fails tells PostgreSQL's log what failed, and no value:", () => {
  let app: App;
  let owner: pg.Client;
  let begun: number;
  beforeEach(async () => {
    app = await startApp();
    owner = new pg.Client(app.config.databaseUrl ?? "");
    await owner.connect();
    begun = sizeOfPostgresLog();
  });
  afterEach(async () => {
    await owner.end();
    await app.close();
  });

  const expectNoValue = async (): Promise<string> => {
    const log = await readPostgresLog(begun);
    expect(log).not.toMatch(/canary/i);
    expect(app.log.join("")).not.toMatch(/canary/i);
    return log;
  };
  const expectFailure = async (text: string) => expect(await expectNoValue()).toContain(text);

  const register = async (name: string): Promise<readonly string[]> => {
    const variables = { username: name, email: `${name}@example.org`, password: `${name}, and longer` };
    const query = "mutation ($input: RegisterInput!) { register(input: $input) { message } }";
    const body = JSON.stringify({ query, variables: { input: variables } });
    return (await new Client(app).post(body, { "user-agent": "canary-agent" })).codes;
  };

  // Our statements ask before they write, so that only a schema other than ours makes them fail.
  test.each([
    ["a check", "add constraint of_this_test check (email is null)", 'check constraint "of_this_test"'],
    ["a column that must not be null", "add column of_this_test text not null", 'column "of_this_test"'],
    [
      "a type that is too short",
      "alter column email type varchar(7)",
      "too long for type character varying(7)",
    ],
  ])("%s", async (_what, change, text) => {
    await owner.query(`alter table users ${change}`);
    expect(await register("canary-name")).toEqual(["INTERNAL_SERVER_ERROR"]);
    await expectFailure(text);
  });

  test("and its caller one fixed text, with the request id that leads to the line in the log", async () => {
    await owner.query("alter table users add constraint of_this_test check (email is null)");
    const variables = {
      input: { username: "canary-name", email: "canary@example.org", password: "canary, and longer" },
    };
    const { status, text, headers } = await new Client(app).run(RegisterDocument, variables);
    const { requestId } = JSON.parse(text).errors[0].extensions;
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        errors: [
          {
            message: errorTable.INTERNAL_SERVER_ERROR.text,
            locations: [expect.anything()],
            path: ["register"],
            extensions: { code: "INTERNAL_SERVER_ERROR", requestId: headers.get("x-request-id") },
          },
        ],
        data: { register: null },
      },
    ]);
    const lines = app.log.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 50,
        path: ["register"],
        error: expect.objectContaining({ code: "23514" }),
      }),
    );
    await expectNoValue();
  });

  test("a unique index", async () => {
    await owner.query("create unique index of_this_test on audit_events (user_agent)");
    expect(await register("canary-name")).toEqual([]);
    expect(await register("canary-other")).toEqual(["INTERNAL_SERVER_ERROR"]);
    await expectFailure('unique constraint "of_this_test"');
  });

  test("a trigger of somebody else, in its context", async () => {
    await owner.query(`create function refuse() returns trigger language plpgsql as
      $$ begin perform 1 / (length(new.username) - length(new.username)); end $$`);
    await owner.query("create trigger refuse before insert on users for each row execute function refuse()");
    expect(await register("canary-name")).toEqual(["INTERNAL_SERVER_ERROR"]);
    await expectFailure("division by zero");
  });

  test("a lock that is waited for too long", async () => {
    await owner.query("begin; lock table users");
    expect(await register("canary-name")).toEqual(["SERVICE_UNAVAILABLE"]);
    await owner.query("rollback");
    await expectFailure("canceling statement due to statement timeout");
  });

  test("a statement with a value in its text, as somebody's own code may send it", async () => {
    await expect(sql.raw("select 'canary-literal', 1 / 0").execute(app.database)).rejects.toThrow();
    await expectFailure("division by zero");
  });

  test("a deadlock", async () => {
    const rename = (database: Database, id: string) =>
      database.updateTable("users").set({ username: "canary-name" }).where("id", "=", id).execute();
    const [one, other] = [await app.createUser(), await app.createUser()];
    let holding = 0;
    const crossing = (first: string, second: string) =>
      app.database.transaction().execute(async (transaction) => {
        await rename(transaction, first);
        holding += 1;
        await until(() => holding === 2);
        await rename(transaction, second);
      });
    const ends = await Promise.allSettled([crossing(one.id, other.id), crossing(other.id, one.id)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expectFailure("deadlock detected");
  });

  test("a caller's text is never read as another type, for PostgreSQL would quote it", async () => {
    const asked = rootFieldsOf(buildGuardedSchema().schema).map(({ document }) =>
      document.replaceAll(sampleText, '"canary-text"'),
    );
    const user = await app.createUser({ roles: ["ADMIN"] });
    const client = new Client(app);
    for (const document of asked.filter((it) => it.includes("canary"))) {
      // Some of them end the session.
      if ((await client.run(PrivateDocument)).codes.length > 0) {
        client.token = null;
        await client.logIn(user, "TOKEN");
      }
      expect((await client.run(document)).codes, document).not.toContain("INTERNAL_SERVER_ERROR");
    }
    await expectNoValue();
  });
});
