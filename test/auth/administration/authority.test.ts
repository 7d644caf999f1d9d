import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Client, logInAs } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import {
  CreateUserDocument,
  DeactivateUserDocument,
  ReactivateUserDocument,
  RevokeSessionsDocument,
  SendPasswordResetDocument,
  SetRolesDocument,
  UpdateUserDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let actor: User;
let client: Client;
let count = 0;

const everyPermission = [
  "users:read",
  "users:create",
  "users:update",
  "users:deactivate",
  "users:reactivate",
  "users:set-roles",
  "users:send-password-reset",
  "users:revoke-sessions",
];

beforeAll(async () => {
  app = await startApp();
  await app.database
    .insertInto("roles")
    .values([
      { name: "STAFF", permissions: everyPermission },
      { name: "READER", permissions: ["users:read"] },
      { name: "AUDITOR", permissions: ["audit:read"] },
      { name: "TITLE", permissions: [] },
    ])
    .execute();
});
afterAll(() => app.close());
beforeEach(async () => {
  count += 1;
  actor = await app.createUser({ roles: ["STAFF"] });
  client = await loggedIn(actor);
});

const loggedIn = (user: User) => logInAs(app, user);
const targetWith = (roles: readonly string[]) =>
  app.createUser({ roles, email: `target${count}-${Math.random().toString(36).slice(2)}@example.org` });

const acts = (id: string) => {
  names += 1;
  return actsBy(id, `taken-over${names}`);
};
let names = 0;
const actsBy = (id: string, name: string) => [
  ["updateUser", UpdateUserDocument, { id, input: { username: name } }] as const,
  ["updateUser, its address", UpdateUserDocument, { id, input: { email: `${name}@example.org` } }] as const,
  ["sendPasswordReset", SendPasswordResetDocument, { id }] as const,
  ["setRoles", SetRolesDocument, { id, roles: [] }] as const,
  ["revokeSessions", RevokeSessionsDocument, { userId: id }] as const,
  ["deactivateUser", DeactivateUserDocument, { id }] as const,
  ["reactivateUser", ReactivateUserDocument, { id }] as const,
];
const actAll = async (by: Client, id: string) => {
  const outcomes: Record<string, readonly string[]> = {};
  for (const [name, document, variables] of acts(id))
    outcomes[name] = (await by.run<unknown, object>(document as never, variables)).codes;
  return outcomes;
};
const allWith = (codes: readonly string[]) => Object.fromEntries(acts("").map(([name]) => [name, codes]));

/** All that an act could have changed. */
const stateOf = async ({ id }: User) => ({
  row: await app.database.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
  sessions: await app.database.selectFrom("sessions").select("id").where("user_id", "=", id).execute(),
  links: await app.database.selectFrom("one_time_tokens").select("id").where("user_id", "=", id).execute(),
  events: await app.database.selectFrom("audit_events").select("id").where("user_id", "=", id).execute(),
});
const rolesOf = async ({ id }: User) => (await stateOf({ id } as User)).row.roles;

describe("whoever holds every permission of users acts on", () => {
  test.each([
    ["somebody without a role", []],
    ["somebody with fewer permissions", ["READER"]],
    ["somebody with the same", ["STAFF"]],
    ["somebody whose roles give nothing", ["TITLE", "NOBODY_HAS_MADE"]],
  ])("%s", async (_who, roles) => {
    expect(await actAll(client, (await targetWith(roles)).id)).toEqual(allWith([]));
  });

  test.each([
    ["no administrator", ["ADMIN"]],
    ["nobody who holds one permission that they do not", ["READER", "AUDITOR"]],
  ])("%s, and nothing of such an account changes", async (_who, roles) => {
    const target = await targetWith(roles);
    await loggedIn(target);
    const before = await stateOf(target);
    expect(await actAll(client, target.id)).toEqual(allWith(["FORBIDDEN"]));
    expect(await stateOf(target)).toEqual(before);
  });
});

test("an administrator acts on anybody", async () => {
  const administrator = await loggedIn(await app.createUser({ roles: ["ADMIN"] }));
  for (const roles of [["ADMIN"], ["STAFF", "AUDITOR"]])
    expect(await actAll(administrator, (await targetWith(roles)).id)).toEqual(allWith([]));
});

describe("nobody gives what they do not hold", () => {
  const set = (target: User, roles: string[]) => client.run(SetRolesDocument, { id: target.id, roles });

  test("not to themselves", async () => {
    for (const roles of [["ADMIN"], ["STAFF", "ADMIN"], ["STAFF", "AUDITOR"]])
      expect((await set(actor, roles)).codes).toEqual(["FORBIDDEN"]);
    expect(await rolesOf(actor)).toEqual(["STAFF"]);
    expect((await set(actor, ["READER"])).codes).toEqual([]);
    expect((await set(actor, ["STAFF"])).codes).toEqual(["FORBIDDEN"]);
  });

  test("not to others, nor to whom they invite", async () => {
    const target = await targetWith([]);
    for (const roles of [["ADMIN"], ["AUDITOR"], ["READER", "AUDITOR"]]) {
      expect((await set(target, roles)).codes).toEqual(["FORBIDDEN"]);
      const input = { username: `accomplice${count}`, email: `accomplice${count}@example.org`, roles };
      expect((await client.run(CreateUserDocument, { input })).codes).toEqual(["FORBIDDEN"]);
    }
    expect(await rolesOf(target)).toEqual([]);
    expect((await set(target, ["READER", "TITLE", "STAFF"])).codes).toEqual([]);
    const input = {
      username: `colleague${count}`,
      email: `colleague${count}@example.org`,
      roles: ["READER"],
    };
    expect((await client.run(CreateUserDocument, { input })).codes).toEqual([]);
  });

  test("nor takes it away", async () => {
    const target = await targetWith(["AUDITOR", "READER"]);
    for (const roles of [[], ["READER"], ["AUDITOR"]])
      expect((await set(target, roles)).codes).toEqual(["FORBIDDEN"]);
    expect(await rolesOf(target)).toEqual(["AUDITOR", "READER"]);
  });
});

describe("authority is what it is when the act is done", () => {
  test("whoever was demoted acts no more, also while a server still has them in memory", async () => {
    const target = await targetWith([]);
    const before = await stateOf(target);
    expect((await client.run("{ private { message } }")).codes).toEqual([]);
    // Nobody is told.
    await sql`alter table users disable trigger users_changed`.execute(app.database);
    await app.database
      .updateTable("users")
      .set({ roles: ["READER"] })
      .where("id", "=", actor.id)
      .execute();
    await sql`alter table users enable trigger users_changed`.execute(app.database);
    expect(await actAll(client, target.id)).toEqual(allWith(["FORBIDDEN"]));
    const input = { username: `late${count}`, email: `late${count}@example.org` };
    expect((await client.run(CreateUserDocument, { input })).codes).toEqual(["FORBIDDEN"]);
    expect(await stateOf(target)).toEqual(before);
  });

  test("whoever is promoted at this moment is out of reach", async () => {
    // Else the last administrator would be kept by another rule.
    await app.createUser({ roles: ["ADMIN"] });
    const target = await targetWith([]);
    const acting = await app.database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable("users")
        .set({ roles: ["ADMIN"] })
        .where("id", "=", target.id)
        .execute();
      const running = client.run(DeactivateUserDocument, { id: target.id });
      await untilBlocked(app);
      return { running };
    });
    expect((await acting.running).codes).toEqual(["FORBIDDEN"]);
    expect((await stateOf(target)).row.is_active).toBe(true);
  });

  test("of two who act on each other at once, neither waits for ever", async () => {
    const other = await app.createUser({ roles: ["STAFF"] });
    const clients = [client, await loggedIn(other)] as const;
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all([
        clients[0].run(UpdateUserDocument, { id: other.id, input: { username: `a${count}r${round}` } }),
        clients[1].run(UpdateUserDocument, { id: actor.id, input: { username: `b${count}r${round}` } }),
      ]);
      expect(answers.map(({ codes }) => codes)).toEqual([[], []]);
    }
  });
});
