import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript, withToken } from "../../harness/sign-in/access-token.ts";
import { ImpersonateDocument } from "../../operations/generated/graphql.ts";

const askNode = "query($id: ID!) { node(id: $id) { __typename id } }";
const askNodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
const nowhere = "00000000-0000-7000-8000-000000000000";

interface Found {
  readonly __typename: string;
  readonly id: string;
}

interface Owned extends Readonly<Record<"User" | "Session" | "AccessToken" | "AuditEvent", string>> {
  readonly user: User;
  readonly client: Client;
}

let app: App;
let alice: Owned;
let bob: Owned;
let administrator: User;
beforeAll(async () => {
  app = await startApp();
  administrator = await app.createUser({ roles: ["ADMIN"] });
  [alice, bob] = [await own(), await own()];
});
afterAll(() => app.close());

/** A user, with one object of each type. */
const own = async (): Promise<Owned> => {
  const user = await app.createUser();
  const client = await logInAs(app, user);
  const { id: AccessToken } = await createScript(app, user, ["profile:read"]);
  const { data } = await client.run<{
    sessions: { id: string; current: boolean }[];
    auditEvents: { nodes: { id: string }[] };
  }>("{ sessions { id current } auditEvents(first: 1) { nodes { id } } }");
  const [Session = "", AuditEvent = ""] = [
    data?.sessions.find(({ current }) => current)?.id,
    data?.auditEvents.nodes[0]?.id,
  ];
  return { user, client, User: user.id, Session, AccessToken, AuditEvent };
};

const types = ["User", "Session", "AccessToken", "AuditEvent"] as const;

/** The types of the owner's objects that the client can read by id, one by one and all at once. */
const readableOf = async (client: Client, owned: Owned): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const type of types) {
    const { data, codes } = await client.run<{ node: Found | null }>(askNode, { id: owned[type] });
    expect([codes, data?.node ?? null]).toEqual([
      [],
      data?.node ? { __typename: type, id: owned[type] } : null,
    ]);
    if (data?.node) found.push(type);
  }
  const { data } = await client.run<{ nodes: (Found | null)[] }>(askNodes, {
    ids: types.map((it) => owned[it]),
  });
  expect(data?.nodes.flatMap((it) => it?.__typename ?? [])).toEqual(found);
  return found;
};

describe("an object is read by its id", () => {
  test("by those to whom its own query shows it, and is null for all others", async () => {
    expect(await readableOf(alice.client, alice)).toEqual(types);
    expect(await readableOf(bob.client, alice)).toEqual([]);
    // An administrator may see users and events, but nobody else's sessions and access tokens.
    expect(await readableOf(await logInAs(app, administrator), alice)).toEqual(["User", "AuditEvent"]);
  });

  test("with the fields that its own query shows", async () => {
    const fields = "id createdAt lastUsedAt expiresAt current device userAgent ipAddress hasCookie hasToken";
    const document = `query($id: ID!) { sessions { ${fields} } node(id: $id) { ...on Session { ${fields} } } }`;
    const { data } = await alice.client.run<{ sessions: { id: string }[]; node: unknown }>(document, {
      id: alice.Session,
    });
    expect(data?.node).toEqual(data?.sessions.find(({ id }) => id === alice.Session));
    expect(data?.node).toMatchObject({ current: true });
  });

  test("in any spelling of a UUID, and never as an error", async () => {
    const ask = async (id: string) => {
      const { data, codes } = await alice.client.run<{ node: Found | null }>(askNode, { id });
      expect(codes).toEqual([]);
      return data?.node ?? null;
    };
    expect(await ask(alice.Session.toUpperCase())).toMatchObject({ id: alice.Session });
    expect(await ask(alice.User.toUpperCase())).toMatchObject({ id: alice.User });
    for (const id of [nowhere, "", "0", "-1", "99999999999999999999", "x'; drop table users", "User:1"])
      expect(await ask(id)).toBeNull();
    // NUL cannot be stored, as everywhere.
    expect((await alice.client.run(askNode, { id: "\0" })).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("no longer when it has ended or expired", async () => {
    const { client, Session, AccessToken, user } = await own();
    const other = await logInAs(app, user);
    await app.database
      .updateTable("access_tokens")
      .set({ expires_at: new Date(0) })
      .where("id", "=", AccessToken)
      .execute();
    expect((await other.run(askNode, { id: AccessToken })).data).toEqual({ node: null });
    await client.run("mutation { logout { message } }");
    expect((await other.run(askNode, { id: Session })).data).toEqual({ node: null });
  });

  test("not by anonymous callers", async () => {
    const anonymous = new Client(app);
    expect((await anonymous.run(askNode, { id: alice.User })).codes).toEqual(["UNAUTHENTICATED"]);
    expect((await anonymous.run(askNodes, { ids: [alice.User] })).codes).toEqual(["UNAUTHENTICATED"]);
  });
});

describe("an access token", () => {
  test("reads nothing by id without the scope nodes:read", async () => {
    const { client } = await createScript(app, alice.user, ["profile:read", "sessions:read", "users:read"]);
    expect((await client.run(askNode, { id: alice.User })).codes).toEqual(["FORBIDDEN"]);
    expect((await client.run(askNodes, { ids: [alice.User] })).codes).toEqual(["FORBIDDEN"]);
  });

  test.each([
    [[], []],
    [["profile:read"], ["User"]],
    [["sessions:read"], ["Session"]],
    [["audit-trail:read"], ["AuditEvent"]],
    [["users:read"], []],
  ])("with nodes:read and %j reads of its user %j", async (scopes, expected) => {
    const { client } = await createScript(app, alice.user, ["nodes:read", ...scopes]);
    expect(await readableOf(client, alice)).toEqual(expected);
  });

  test("of an administrator reads other users with users:read only", async () => {
    const { client } = await createScript(app, administrator, ["nodes:read", "users:read"]);
    expect(await readableOf(client, alice)).toEqual(["User"]);
    const without = await createScript(app, administrator, ["nodes:read", "profile:read"]);
    expect(await readableOf(without.client, alice)).toEqual([]);
  });

  test("is its user in the fields below an object that it read, whatever else it could not read", async () => {
    // `viewer` takes it for an anonymous caller, as it lacks profile:read.
    const { client } = await createScript(app, administrator, ["nodes:read", "users:read"]);
    const fields = "username permissions lastLoginAt newDeviceMail";
    const document = `query($id: ID!) { user(id: $id) { ${fields} } node(id: $id) { ...on User { ${fields} } } }`;
    const answer = await client.run<{ user: unknown; node: unknown }>(document, { id: administrator.id });
    expect(answer.codes).toEqual([]);
    // The permissions are for viewers with users:read. Without profile:read, what is the user's alone is not for the token.
    expect(answer.data?.user).toMatchObject({
      username: administrator.username,
      permissions: expect.arrayContaining(["users:read"]),
      newDeviceMail: null,
    });
    expect(answer.data?.node).toEqual(answer.data?.user);
    const both = await createScript(app, administrator, ["nodes:read", "profile:read", "users:read"]);
    const whole = await both.client.run<{ user: unknown; node: unknown }>(document, { id: administrator.id });
    expect(whole.data?.user).toMatchObject({ username: administrator.username, newDeviceMail: true });
    expect(whole.data?.node).toEqual(whole.data?.user);
  });
});

test("an impersonator reads by id what may be read while impersonating", async () => {
  const client = await logInAs(app, administrator);
  const { data } = await client.run(ImpersonateDocument, { userId: alice.user.id });
  const acting = withToken(app, data?.impersonate?.token ?? "");
  expect(await readableOf(acting, alice)).toEqual(["User", "Session"]);
});

describe("nodes", () => {
  test("come in the order of their ids, as often as they were asked for", async () => {
    const ids = [alice.AuditEvent, bob.Session, alice.Session, alice.User, nowhere, alice.Session];
    const { data } = await alice.client.run<{ nodes: (Found | null)[] }>(askNodes, { ids });
    expect(data?.nodes.map((it) => it?.id ?? null)).toEqual([
      alice.AuditEvent,
      null,
      alice.Session,
      alice.User,
      null,
      alice.Session,
    ]);
  });

  test("are at most a hundred", async () => {
    const ids = Array.from({ length: 100 }, () => alice.Session);
    expect((await alice.client.run(askNodes, { ids })).codes).toEqual([]);
    const answer = await alice.client.run(askNodes, { ids: [...ids, nowhere] });
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    expect(answer.errors[0]?.extensions.fields).toMatchObject([{ field: "ids", rule: "max_items" }]);
  });
});
