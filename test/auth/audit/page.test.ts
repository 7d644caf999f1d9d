import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEvent } from "../../../src/auth/audit/record.ts";
import { AuditEventType as Type } from "../../../src/entities/audit-event-type.ts";
import { Client } from "../../harness/client.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { AuditEventsDocument, type AuditEventsQueryVariables } from "../../operations/generated/graphql.ts";

let app: App;
let alice: User;
let bob: User;
let viewer: Client;
let administrator: Client;

beforeAll(async () => {
  app = await startApp();
  [alice, bob] = await Promise.all([app.createUser(), app.createUser()]);
  viewer = new Client(app);
  administrator = new Client(app);
  await viewer.logIn(alice, "TOKEN");
  await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
});
afterAll(() => app.close());

const read = async (client: Client, variables: AuditEventsQueryVariables = {}) => {
  const answer = await client.run(AuditEventsDocument, variables);
  const connection = answer.data?.auditEvents;
  if (!connection) throw new Error(`There is no page: ${answer.text}`);
  return connection;
};
const idsOf = ({ nodes }: { readonly nodes: readonly { readonly id: string }[] }) =>
  nodes.map(({ id }) => id);

const add = (user: Pick<User, "id">, { type = Type.ROLES_CHANGED, actorId = user.id, details = {} } = {}) =>
  recordEvent(app.database, {
    type,
    userId: user.id,
    actorId,
    client: { ipAddress: "192.0.2.1", userAgent: "browser" },
    details,
    personal: { username: "old-name" },
  });

describe("who may see what", () => {
  test("nobody who is not logged in", async () => {
    expect((await new Client(app).run(AuditEventsDocument, {})).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test("a viewer sees own events only, whichever way they ask", async () => {
    await add(bob);
    for (const variables of [{}, { userId: alice.id }, { userId: alice.id.toUpperCase() }, { userId: null }])
      expect(new Set((await read(viewer, variables)).nodes.map(({ userId }) => userId))).toEqual(
        new Set([alice.id]),
      );
    const [login] = (await read(viewer, { type: "LOGIN_SUCCEEDED" })).nodes;
    expect(login).toMatchObject({
      type: "LOGIN_SUCCEEDED",
      actorId: alice.id,
      ipAddress: expect.any(String),
    });
  });

  test("another's account and one that is not there are the same: NOT_FOUND", async () => {
    const answers = [];
    for (const userId of [
      bob.id,
      "00000000-0000-7000-8000-000000000000",
      "1",
      "",
      "x'; drop table",
      "\ud83d\ude00",
    ])
      answers.push(await viewer.run(AuditEventsDocument, { userId }));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.codes).toEqual(["NOT_FOUND"]);
    expect((await administrator.run(AuditEventsDocument, { userId: "no uuid" })).codes).toEqual([
      "NOT_FOUND",
    ]);
  });

  test("whoever holds audit:read sees everybody's, or one account's", async () => {
    const all = await read(administrator, { first: 100 });
    expect(all.nodes.map(({ userId }) => userId)).toEqual(expect.arrayContaining([alice.id, bob.id]));
    const one = await read(administrator, { userId: bob.id });
    expect(new Set(one.nodes.map(({ userId }) => userId))).toEqual(new Set([bob.id]));
    expect(one.nodes.length).toBeGreaterThan(0);
  });

  test("the owner is told who else acted on the account, and not from where", async () => {
    const user = await app.createUser();
    const owner = new Client(app);
    await owner.logIn(user, "TOKEN");
    await add(user, { actorId: bob.id, details: { roles: ["AUDITOR"] } });
    const hidden = (await read(owner)).nodes[0];
    expect(hidden).toMatchObject({ actorId: bob.id, ipAddress: null, userAgent: null });
    expect(hidden?.details).toEqual({ roles: ["AUDITOR"], username: "old-name" });
    expect((await read(administrator, { userId: user.id })).nodes[0]).toMatchObject({
      ipAddress: "192.0.2.1",
      userAgent: "browser",
    });
  });
});

describe("pages", () => {
  test("by cursor have no gap and no repeat while events are added", async () => {
    const user = await app.createUser();
    const owner = new Client(app);
    await owner.logIn(user, "TOKEN");
    for (let count = 0; count < 25; count += 1) await add(user);
    const before = idsOf(await read(owner, { first: 100 }));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await read(owner, { first: 4, after });
      seen.push(...idsOf(page));
      expect(page.edges.at(-1)?.cursor).toBe(page.pageInfo.endCursor);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      await add(user);
      await add(bob);
    } while (after !== null);
    expect(seen).toEqual(before);
    expect(seen).toEqual([...seen].sort((left, right) => Number(right) - Number(left)));
  });

  test("end with hasNextPage false, exactly at the last event, and have 20 events unless asked", async () => {
    const user = await app.createUser();
    for (let count = 0; count < 21; count += 1) await add(user);
    const all = await read(administrator, { userId: user.id, first: 22 });
    expect([all.nodes.length, all.pageInfo.hasNextPage]).toEqual([22, false]);
    for (const first of [undefined, null])
      expect(
        (await read(administrator, { userId: user.id, ...(first === null && { first }) })).nodes,
      ).toHaveLength(20);
    const last = await read(administrator, {
      userId: user.id,
      first: 1,
      after: all.edges[21]?.cursor ?? null,
    });
    expect(last).toMatchObject({ edges: [], nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });

  test("are narrowed by kind, and one that this server does not know breaks no page", async () => {
    const user = await app.createUser();
    await add(user, { type: Type.EMAIL_CHANGED });
    await sql`insert into audit_events (type, user_id) values ('FROM_THE_FUTURE', ${user.id})`.execute(
      app.database,
    );
    expect((await read(administrator, { userId: user.id })).nodes.map(({ type }) => type)).toEqual([
      "UNKNOWN",
      "EMAIL_CHANGED",
      "ACCOUNT_CREATED",
    ]);
    for (const type of ["EMAIL_CHANGED", "UNKNOWN"] as const)
      expect((await read(administrator, { userId: user.id, type })).nodes).toHaveLength(1);
  });

  test("of kinds that this server does not know are in order, whichever kind and whoever's they are", async () => {
    const users = [await app.createUser(), await app.createUser()];
    const added: string[] = [];
    for (let index = 0; index < 9; index += 1) {
      const { rows } = await sql<{ id: string }>`insert into audit_events (type, user_id)
        values (${["A_FUTURE", "ZZ_FUTURE", "LOGIN_X"][index % 3]}, ${users[index % 2]?.id}) returning id`.execute(
        app.database,
      );
      added.unshift(rows[0]?.id ?? "");
    }
    const pages = async (variables: AuditEventsQueryVariables) => {
      const seen: string[] = [];
      for (let after: string | null = null; seen.length < 20; ) {
        const page = await read(administrator, { ...variables, type: "UNKNOWN", first: 2, after });
        seen.push(...idsOf(page));
        after = page.pageInfo.endCursor ?? null;
        if (!page.pageInfo.hasNextPage) break;
      }
      return seen;
    };
    expect((await pages({})).filter((id) => added.includes(id))).toEqual(added);
    expect(await pages({ userId: users[1]?.id ?? "" })).toEqual(added.filter((_, index) => index % 2 === 1));
  });

  test.each([0, -1, 101, 2_147_483_647])("first: %s is BAD_USER_INPUT", async (first) => {
    const answer = await viewer.run(AuditEventsDocument, { first });
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    expect(answer.errors[0]?.extensions.fields).toMatchObject([{ field: "first", rule: "range" }]);
  });

  const cursor = (text: string) => Buffer.from(text).toString("base64url");
  test.each([
    "",
    "junk",
    "1",
    cursor("audit:"),
    cursor("audit:0"),
    cursor("audit:-1"),
    cursor("audit:01"),
    cursor("audit:1.5"),
    cursor("audit:1e3"),
    cursor("audit:9223372036854775808"),
    cursor("audit:99999999999999999999"),
    cursor("users:1"),
    cursor("audit:1 or 1=1"),
    `${cursor("audit:12")}=`,
    ` ${cursor("audit:12")}`,
    Buffer.from("audit:1234").toString("base64url").replace(/.$/, "B"),
    "A".repeat(10_000),
  ])("after: %s is BAD_USER_INPUT", async (after) => {
    const answer = await viewer.run(AuditEventsDocument, { after });
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    expect(answer.errors[0]?.extensions.fields).toMatchObject([{ field: "after", rule: "cursor" }]);
  });

  test("of the largest number there is", async () => {
    const page = await read(viewer, { after: cursor("audit:9223372036854775807") });
    expect(page.nodes.length).toBeGreaterThan(0);
  });
});
