import type { ApolloServerPlugin } from "@apollo/server";
import express from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApplication } from "../../src/application/application.ts";
import { defineServer } from "../../src/application/definition.ts";
import { readConfig } from "../../src/config/config.ts";
import { AuditEvent } from "../../src/entities/audit-event.ts";
import { User } from "../../src/package/entities.ts";
import type { Context } from "../../src/package/index.ts";
import { Arg, addJob, FieldResolver, Int, ObjectType, Query, Resolver, z } from "../../src/package/index.ts";
import { defineEntity, p } from "../../src/package/orm.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { startApplication } from "../harness/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User as TestUser } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { Note, NoteResolver } from "./notes.ts";

const operations: string[] = [];
const done: unknown[] = [];
const attempts: number[] = [];
const made: string[] = [];
let isSearchUp = true;

const spy: ApolloServerPlugin<Context> = {
  requestDidStart: async ({ request }) => {
    operations.push(request.query ?? "");
  },
};

const definition = defineServer({
  entities: [Note],
  resolvers: [NoteResolver],
  migrations: new URL("./migrations/", import.meta.url),
  permissions: { "notes:count": "Count everybody's notes" },
  settings: z.object({ NOTE_COLOUR: z.enum(["yellow", "pink"]).default("yellow") }),
  context: (context) => {
    const ask = async () => (await context.findViewer())?.user.username ?? "nobody";
    made.push(context.token === null ? "nobody" : "token");
    // A name that only some requests have.
    return { counter: { ask }, ...(context.token === null ? {} : { ofToken: { ask } }) };
  },
  plugins: [spy],
  routes(app, { openContext }) {
    app.post("/hooks/notes", express.text(), (request, response) => {
      response.send(`heard ${request.body}`);
    });
    app.get("/hooks/me", async (request, response) => {
      const viewer = await (await openContext(request, response)).findViewer();
      response.send(viewer?.user.username ?? "nobody");
    });
    app.get("/hooks/broken", () => {
      throw new Error("a text that clients must not see");
    });
    app.all("/graphql/mine", (_request, response) => {
      response.send("mine");
    });
  },
  jobs: {
    tasks: {
      "note-written": async (payload, { em }) => {
        done.push({ payload, notes: await em.count(Note) });
      },
      flaky: async (_payload, { attempt }) => {
        attempts.push(attempt);
        throw new Error("a text that the queue must not keep");
      },
    },
    cron: [{ task: "note-written", pattern: "0 3 * * *" }],
  },
  health: {
    search: async () => {
      if (!isSearchUp) throw new Error("down");
    },
  },
});

let app: App;
let ada: TestUser;
let client: Client;
beforeAll(async () => {
  app = await startApplication(definition, { NOTE_COLOUR: "pink" });
  ada = await app.createUser();
  client = await logInAs(app, ada);
});
afterAll(() => app.close());

describe("an application's fields", () => {
  test("use its tables, in a schema of their own, and ours, and are private", async () => {
    expect((await client.run('mutation { createNote(text: "milk") { id } }')).codes).toEqual([]);
    expect((await client.run("{ notes { text } }")).data).toEqual({ notes: [{ text: "milk" }] });
    expect((await new Client(app).run("{ notes { text } }")).codes).toEqual(["UNAUTHENTICATED"]);
    const bob = await logInAs(app, await app.createUser());
    expect((await bob.run("{ notes { text } }")).data).toEqual({ notes: [] });
  });

  test("check a permission that only its code names, and that a role can be granted", async () => {
    const { data } = await client.run("{ viewer { permissions } }");
    expect(data).toEqual({ viewer: { permissions: [] } });
    const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    expect((await administrator.run("{ countNotes }")).data).toEqual({ countNotes: 1 });
    expect((await administrator.run("{ viewer { permissions } }")).text).toContain('"notes:count"');
    expect((await client.run("{ countNotes }")).codes).toEqual(["NOT_FOUND"]);
  });
});

describe("what an application adds to the context", () => {
  test("is made once a request, and reads settings and log of the request", async () => {
    expect((await client.run("{ setting }")).data).toEqual({ setting: "pink" });
    expect(app.log.join("")).toMatch(
      /"requestId":"[\w-]+",(?:"trace_id":"\w+",)?"note":"from the application","msg":"setting read"/,
    );
  });

  test("is made again for a public field that a token may not use as its user", async () => {
    const { client: scoped } = await createScript(app, ada, ["notes:read"], "reads notes");
    const { client: unscoped } = await createScript(app, ada, ["profile:read"], "reads the profile");
    expect((await scoped.run("{ whoAsks }")).data).toEqual({ whoAsks: ada.username });
    expect((await unscoped.run("{ whoAsks }")).data).toEqual({ whoAsks: "nobody" });
    made.length = 0;
    expect((await unscoped.run("{ a: whoAsks b: whoAsks c: whoseToken }")).data).toEqual({
      a: "nobody",
      b: "nobody",
      c: "nobody",
    });
    expect((await scoped.run("{ whoseToken }")).data).toEqual({ whoseToken: ada.username });
    // One for the request, and one for all its fields that treat the token as nobody.
    expect(made).toEqual(["token", "nobody", "token"]);
  });
});

test("a plugin sees every execution of a query that is asked again and again", async () => {
  operations.length = 0;
  for (let count = 0; count < 5; count += 1) await client.run("{ setting }");
  expect(operations).toHaveLength(5);
});

describe("an application's routes", () => {
  const fetchFrom = (path: string, init?: RequestInit) => fetch(app.origin + path, init);

  test("have our headers, and know the viewer", async () => {
    const heard = await fetchFrom("/hooks/notes", {
      method: "POST",
      body: "this",
      headers: { "content-type": "text/plain" },
    });
    expect([heard.status, await heard.text()]).toEqual([200, "heard this"]);
    expect(heard.headers.get("x-content-type-options")).toBe("nosniff");
    expect(heard.headers.get("x-request-id")).not.toBeNull();
    const headers = { authorization: `Token ${client.token}` };
    expect(await (await fetchFrom("/hooks/me", { headers })).text()).toBe(ada.username);
    expect(await (await fetchFrom("/hooks/me")).text()).toBe("nobody");
    expect((await fetchFrom("/hooks/me", { headers: { authorization: "Token gws_x" } })).status).toBe(401);
  });

  test("are behind the rules of cross-site requests", async () => {
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await fetchFrom("/hooks/notes", { method: "POST", headers })).status).toBe(403);
  });

  test("show no text of an error", async () => {
    const broken = await fetchFrom("/hooks/broken");
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain("clients must not see");
  });

  test("are never below /graphql", async () => {
    expect((await fetchFrom("/graphql/mine")).status).toBe(404);
    expect((await fetchFrom("/graphql", { method: "POST", body: "{}" })).status).toBe(415);
  });
});

describe("an application's jobs", () => {
  test("run after the transaction that added them, and not without it", async () => {
    done.length = 0;
    await client.run('mutation { createNote(text: "thrown away") { id } }');
    await client.run('mutation { createNote(text: "kept") { id } }');
    await until(async () => done.length > 0);
    expect(done).toEqual([{ payload: { text: "kept" }, notes: expect.any(Number) }]);
  });

  test("are tried again, and leave no text of an error in the queue", async () => {
    await addJob(app.server.database.orm.em.fork(), "flaky", {}, { maxAttempts: 2 });
    await until(async () => attempts.length > 1);
    expect(attempts).toEqual([1, 2]);
    const { sql } = await import("kysely");
    const { rows } =
      await sql`select last_error from graphward_jobs.jobs where task_identifier = 'flaky'`.execute(
        app.database,
      );
    expect(JSON.stringify(rows)).not.toContain("must not keep");
  });

  test("go on, and the server too, after a result could not be stored, and the log says so", async () => {
    const { sql } = await import("kysely");
    // A sequence counts what is rolled back, too.
    await sql`create sequence public.refused`.execute(app.database);
    await sql`create function public.refuse() returns trigger language plpgsql as $$
      begin perform nextval('public.refused'); raise exception 'refused'; end $$`.execute(app.database);
    await sql`create trigger refuse before delete on graphward_jobs._private_jobs
      for each row execute function public.refuse()`.execute(app.database);
    done.length = 0;
    await client.run('mutation { createNote(text: "one") { id } }');
    const refused = () => sql`select from public.refused where is_called`.execute(app.database);
    await until(async () => (await refused()).rows.length > 0);
    await sql`drop function public.refuse cascade`.execute(app.database);
    await client.run('mutation { createNote(text: "two") { id } }');
    await until(async () => done.length > 1);
    expect(done).toMatchObject([{ payload: { text: "one" } }, { payload: { text: "two" } }]);
    expect(app.log.join("")).toContain('"msg":"job queue unavailable"');
  });
});

test("a server whose application is not healthy is not ready", async () => {
  expect((await fetch(`${app.origin}/health/ready`)).status).toBe(200);
  isSearchUp = false;
  const { status, body } = await fetch(`${app.origin}/health/ready`).then(async (it) => ({
    status: it.status,
    body: await it.text(),
  }));
  isSearchUp = true;
  expect(status).toBe(503);
  expect(body).toContain("search unavailable");
});

describe("a mistake in the definition is named before anything is served", () => {
  const build = (own: Parameters<typeof defineServer>[0]) =>
    buildGuardedSchema(openApplication(defineServer(own), "/nowhere"));

  test("a key that does not exist", () => {
    expect(() => defineServer({ entitys: [] } as never)).toThrow(
      "defineServer() has no key entitys. It has: ",
    );
  });

  test("a root field of ours", () => {
    @Resolver()
    class Another {
      @Query(() => String)
      viewer() {
        return "";
      }
    }
    expect(() => build({ resolvers: [Another] })).toThrow(
      "Query.viewer is defined twice: by ViewerResolver.viewer and by Another.viewer.",
    );
  });

  test("a field of a user that is ours, whatever was loaded first", () => {
    @Resolver(() => User)
    class Mine {
      @FieldResolver(() => String)
      username() {
        return "";
      }
    }
    @Resolver(() => User)
    class Named {
      @FieldResolver(() => [String], { name: "permissions", nullable: true })
      mine() {
        return [];
      }
    }
    expect(() => build({ resolvers: [Mine] })).toThrow(
      "User.username is Graphward's, and cannot be replaced by Mine.username. Give the field another name.",
    );
    expect(() => build({ resolvers: [Named] })).toThrow("User.permissions is Graphward's");
  });

  test("a task of ours", async () => {
    const jobs = { tasks: { "mail:reset-requested": async () => undefined } };
    await expect(startApplication({ jobs })).rejects.toThrow("names that begin with mail: are Graphward's");
    const em = app.server.database.orm.em.fork();
    await expect(addJob(em, "mail:verify-address", {})).rejects.toThrow("names that begin with mail:");
    await expect(addJob(em, "note-writen", {})).rejects.toThrow(
      "addJob() was given note-writen, which is not in jobs.tasks. They are: note-written, flaky.",
    );
  });

  test("a permission of ours", () => {
    expect(() => build({ permissions: { "users:read": "" } })).toThrow(
      "The permission users:read is Graphward's",
    );
    expect(() => build({ permissions: { notes: "" } })).toThrow('"notes" needs a colon');
  });

  test("an entity of ours, and a table among ours", async () => {
    const entityOf = (name: string, schema?: string) =>
      defineEntity({
        name,
        tableName: "mine",
        ...(schema && { schema }),
        properties: { id: p.uuid().primary() },
      });
    await expect(startApplication({ entities: [entityOf("Session")] })).rejects.toThrow(
      "The entity Session is defined twice: by Graphward and by the application.",
    );
    for (const schema of ["graphward", "graphward_jobs", "*"])
      await expect(startApplication({ entities: [entityOf("Mine", schema)] })).rejects.toThrow(
        `The entity Mine names the schema ${schema}: Graphward's tables are alone in DATABASE_SCHEMA`,
      );
  });

  test("a setting of ours, and every wrong one beside our own", () => {
    const schema = z.object({ PORT: z.string() });
    expect(() => readConfig({}, schema)).toThrow("PORT: is Graphward's own setting");
    const wrong = () => readConfig({ PORT: "x", NOTE_COLOUR: "red" }, definition.settings);
    expect(wrong).toThrow(/PORT: .*\n {2}NOTE_COLOUR: /);
  });

  test("a default of another type, and a type without fields", () => {
    @Resolver()
    class Wrong {
      @Query(() => String)
      counted(@Arg("count", () => Int, { defaultValue: "many" }) count: number) {
        return String(count);
      }
    }
    @ObjectType()
    class Empty {}
    @Resolver()
    class Hollow {
      @Query(() => Empty)
      hollow() {
        return {};
      }
    }
    expect(() => build({ resolvers: [Wrong] })).toThrow("The default of Query.counted(count) is no Int!: ");
    expect(() => build({ resolvers: [Hollow] })).toThrow("Type Empty must define one or more fields.");
  });

  test("a type of ours", () => {
    @ObjectType("AuditEvent")
    class Mine {}
    expect(() => build({ permissions: { "notes:count": "" } })).toThrow(
      "The GraphQL type AuditEvent is defined twice",
    );
    expect([Mine, AuditEvent]).toHaveLength(2);
  });
});
