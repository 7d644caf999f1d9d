import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { defineServer } from "../../src/application/definition.ts";
import { migrate } from "../../src/database/migrating/migrate.ts";
import { minutes } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import { logInAs } from "../harness/client.ts";
import { createDatabase, routeTo, type TestDatabase } from "../harness/database/database.ts";
import { asSuperuser, createRole } from "../harness/database/roles.ts";
import { until } from "../harness/mail/mail.ts";
import { Note, NoteResolver } from "./notes.ts";

const ticks: string[] = [];

const definition = defineServer({
  entities: [Note],
  resolvers: [NoteResolver],
  migrations: new URL("./migrations/", import.meta.url),
  jobs: {
    tasks: {
      "note-written": async () => undefined,
      tick: async (payload) => {
        ticks.push((payload as { _cron: { ts: string } })._cron.ts);
      },
    },
    cron: [{ task: "tick", pattern: "* * * * *", catchUp: minutes(10) }],
  },
});

let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client(database.url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await asSuperuser("postgres", `drop database ${database.name} with (force)`);
});
beforeEach(() => {
  ticks.length = 0;
});

const environment = (schema: string) => ({
  DATABASE_URL: database.url,
  DATABASE_SCHEMA: schema,
  APPLICATION_SCHEMA: `${schema}_app`,
});

const write = async (app: Awaited<ReturnType<typeof startApplication>>, text: string) => {
  const client = await logInAs(app, await app.createUser());
  expect((await client.run(`mutation { createNote(text: "${text}") { id } }`)).codes).toEqual([]);
  return client;
};

test("production and staging in one database have tables of their own, ours and the application's", async () => {
  const production = await startApplication(definition, environment("production"));
  const staging = await startApplication(definition, environment("staging"));
  await write(production, "sale");
  const client = await write(staging, "try");
  expect((await client.run("{ notes { text } }")).data).toEqual({ notes: [{ text: "try" }] });
  const { rows } = await admin.query(
    "select text from production_app.notes union all select text from staging_app.notes",
  );
  expect(rows).toEqual([{ text: "sale" }, { text: "try" }]);
  const { rows: references } = await admin.query(
    `select confrelid::regclass::text as table from pg_constraint where conname = 'notes_owner_id_foreign' order by 1`,
  );
  expect(references).toEqual([{ table: "production.users" }, { table: "staging.users" }]);
  await staging.close();
  await production.close();
});

test("each time of a cron line runs on one of two servers, and what was missed is caught up once", async () => {
  const first = await startApplication(definition, environment("cron"));
  const known = () => admin.query("select from cron_jobs._private_known_crontabs");
  await until(async () => (await known()).rows.length > 0);
  await first.close();
  ticks.length = 0;
  await admin.query(`update cron_jobs._private_known_crontabs
    set known_since = now() - interval '1 hour', last_execution = date_trunc('minute', now()) - interval '5 minutes'`);
  const [here, there] = await Promise.all([
    startApplication(definition, environment("cron")),
    startApplication(definition, environment("cron")),
  ]);
  await until(async () => ticks.length >= 5);
  await here.close();
  await there.close();
  expect(new Set(ticks).size).toBe(ticks.length);
  expect(ticks.length).toBeLessThanOrEqual(6);
});

test("a role that may only serve serves the application too, after one grant", async () => {
  const role = await createRole();
  // Another program has its table in the schema of the application, with the same owner.
  await admin.query("create schema few_app; create table few_app.others (secret text)");
  const application = {
    tables: { entities: [Note], migrations: `${import.meta.dirname}/migrations` },
    schema: "few_app",
  };
  await migrate(routeTo(database.url), { schema: "few", application, grantTo: role.name });
  const settings = { ...environment("few"), DATABASE_URL: role.urlFor(database.url) };
  const asRole = new pg.Client(settings.DATABASE_URL);
  await asRole.connect();
  for (const list of ["migrations", "application_migrations"])
    await expect(asRole.query(`delete from few.${list}`)).rejects.toThrow("permission denied");
  await expect(asRole.query("select from few_app.others")).rejects.toThrow("permission denied");
  await asRole.end();
  const app = await startApplication(definition, settings);
  const client = await write(app, "few");
  expect((await client.run("{ notes { text } }")).data).toEqual({ notes: [{ text: "few" }] });
  await until(
    async () => (await admin.query("select from few_jobs._private_known_crontabs")).rows.length > 0,
  );
  await app.close();
  await asSuperuser(database.name, `drop owned by ${role.name}`);
  await role.drop();
});
