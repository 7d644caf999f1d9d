import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApplication } from "../../src/application/application.ts";
import { defineServer } from "../../src/application/definition.ts";
import { days, minutes } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import { until } from "../harness/mail/mail.ts";
import type { App } from "../harness/server.ts";
import {
  CreateUserDocument,
  DeleteAccountDocument,
  ExportMyDataDocument,
  RegisterDocument,
} from "../operations/generated/graphql.ts";
import { Note, NoteResolver } from "./notes.ts";

const logins: string[] = [];
let failing: "nothing" | "register" | "delete" | "login" = "nothing";

const fail = (act: typeof failing) => {
  if (failing === act) throw new Error(`failed at ${act}`);
};

let app: App;
beforeAll(async () => {
  app = await startApplication({
    entities: [Note],
    resolvers: [NoteResolver],
    migrations: new URL("./migrations/", import.meta.url),
    reservedUsernames: ["support"],
    brand: { name: "Riverbank Notes" },
    accounts: {
      passwordPolicy: { minLength: 10 },
      sessions: { cookie: { idle: minutes(30), absolute: days(1) } },
      exportData: { notes: ({ em, userId }) => em.find(Note, { owner: userId }, { fields: ["text"] }) },
      afterRegister: async ({ em, userId, username, by }) => {
        em.create(Note, { owner: userId, text: `${username}, by ${by}` });
        await em.flush();
        fail("register");
      },
      afterLogin: async ({ userId }) => {
        logins.push(userId);
        fail("login");
      },
      beforeDelete: async ({ em, userId }) => {
        await em.nativeDelete(Note, { owner: userId });
        fail("delete");
      },
    },
  });
});
afterAll(() => app.close());

const register = (username: string, password = "a quiet tram at dawn") =>
  new Client(app).run(RegisterDocument, {
    input: { username, email: `${username}@example.org`, password },
  });

const notesOf = async (username: string) => {
  const em = app.server.database.orm.em.fork();
  const rows = await em.find(Note, {}, { orderBy: { id: "asc" } });
  return rows.map(({ text }) => text).filter((text) => text.startsWith(username));
};

describe("afterRegister", () => {
  test("writes in the transaction of the registration, and nothing without it", async () => {
    expect((await register("agnes")).codes).toEqual([]);
    expect(await notesOf("agnes")).toEqual(["agnes, by SELF"]);
    failing = "register";
    expect((await register("bertha")).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
    failing = "nothing";
    expect(await notesOf("bertha")).toEqual([]);
    expect((await register("bertha")).codes).toEqual([]);
  });

  test("runs for users whom an administrator creates", async () => {
    const client = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    const input = { username: "clara", email: "clara@example.org" };
    expect((await client.run(CreateUserDocument, { input })).codes).toEqual([]);
    expect(await notesOf("clara")).toEqual(["clara, by ADMINISTRATOR"]);
  });
});

test("afterLogin runs after a login, and cannot undo it", async () => {
  const user = await app.createUser();
  logins.length = 0;
  await logInAs(app, user);
  expect(logins).toEqual([user.id]);
  failing = "login";
  await logInAs(app, user);
  failing = "nothing";
  await until(async () => app.log.join("").includes("accounts.afterLogin failed"));
  expect(logins).toHaveLength(2);
});

test("exportMyData has the application's sections beside ours", async () => {
  await register("dora");
  const client = await logInAs(app, { username: "dora", password: "a quiet tram at dawn" });
  const { data } = await client.run(ExportMyDataDocument);
  const exported = data?.exportMyData?.data as Record<string, unknown>;
  expect(exported.notes).toEqual([expect.objectContaining({ text: "dora, by SELF" })]);
  expect(Object.keys(exported)).toEqual(expect.arrayContaining(["account", "sessions", "auditEvents"]));
});

test("beforeDelete runs in the transaction that deletes the account: an error keeps both", async () => {
  await register("edith");
  const client = await logInAs(app, { username: "edith", password: "a quiet tram at dawn" });
  failing = "delete";
  expect((await client.run(DeleteAccountDocument)).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
  failing = "nothing";
  expect(await notesOf("edith")).toHaveLength(1);
  expect((await client.run(DeleteAccountDocument)).codes).toEqual([]);
  expect(await notesOf("edith")).toEqual([]);
});

test("a username that the application keeps, or one that looks like it, is taken; an administrator may give it away", async () => {
  for (const username of ["support", "Support", "supp0rt"])
    expect((await register(username)).text).toContain('"rule":"unique"');
  const client = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
  const input = { username: "support", email: "support@example.org" };
  expect((await client.run(CreateUserDocument, { input })).codes).toEqual([]);
});

test("the minimum length of passwords is the application's, and the page says the same number", async () => {
  expect((await register("frida", "nine char")).text).toContain("at least 10 characters");
  expect((await register("frida", "ten chars!")).codes).toEqual([]);
  expect(await (await fetch(`${app.origin}/account/reset`)).text()).toContain("At least 10 characters.");
});

test("no password is made of the application's name", async () => {
  expect((await register("gerda", "Riverbank-2026")).text).toContain('"personal"');
});

test("sessions live as long as the application says", async () => {
  const user = await app.createUser();
  const browser = await logInAs(app, user, "SESSION");
  const session = await app.database
    .selectFrom("sessions")
    .select(["idle_expires_at", "absolute_expires_at", "created_at"])
    .where("user_id", "=", user.id)
    .executeTakeFirstOrThrow();
  const lifetime = (end: Date) => Math.round((end.getTime() - session.created_at.getTime()) / minutes(1));
  expect([lifetime(session.idle_expires_at), lifetime(session.absolute_expires_at)]).toEqual([30, 24 * 60]);
  expect((await browser.run("{ private { message } }")).codes).toEqual([]);
});

describe("a mistake in accounts is named", () => {
  test("a minimum length below eight", async () => {
    await expect(startApplication({ accounts: { passwordPolicy: { minLength: 7 } } })).rejects.toThrow(
      "accounts.passwordPolicy.minLength must be a whole number from 8 to 64.",
    );
  });

  test.each([
    [{ token: { idle: days(2), absolute: days(1) } }, "accounts.sessions.token: idle must be"],
    [{ cookie: { idle: 1000, absolute: days(1) } }, "accounts.sessions.cookie: idle must be"],
  ])("lifetimes that contradict each other, or are too short: %j", async (sessions, message) => {
    await expect(startApplication({ accounts: { sessions } })).rejects.toThrow(message);
  });

  test("a section of the export that is ours", () => {
    const accounts = { exportData: { sessions: async () => [] } };
    expect(() => openApplication(defineServer({ accounts }), "/nowhere")).toThrow(
      "accounts.exportData.sessions: the export has a section of this name already.",
    );
  });

  test("a reserved name that no user can have", async () => {
    await expect(startApplication({ reservedUsernames: ["a b"] })).rejects.toThrow(
      'reservedUsernames: "a b" is a name that no user can have.',
    );
  });
});
