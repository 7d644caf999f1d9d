import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyTokensScope } from "../../../src/auth/access/decorators.ts";
import { scopesOf } from "../../../src/auth/access/permissions.ts";
import { buildGuardedSchema } from "../../../src/schema/build.ts";
import type { Client } from "../../harness/client.ts";
import { rootFieldsOf } from "../../harness/root-fields.ts";
import { type App, startApp } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";

const { schema, rules } = buildGuardedSchema();

const fields = rootFieldsOf(schema).map(({ coordinate, document }) => ({
  coordinate,
  document,
  isOpen: rules.open.has(coordinate),
  scope: rules.scopes.get(coordinate),
}));
const scopes = scopesOf(schema);

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const scriptOf = async (held: readonly string[]) =>
  createScript(app, await app.createUser({ roles: ["ADMIN"] }), held);

/** Twice: by Apollo, and by the short way that a known document takes. */
const codesOf = async (client: Client, document: string): Promise<readonly string[]> => {
  const { codes, status } = await client.run(document);
  expect([document, status]).toEqual([document, 200]);
  expect((await client.run(document)).codes).toEqual(codes);
  return codes;
};

const closed = fields.filter(({ isOpen, scope }) => !isOpen && scope === undefined);
const scoped = fields.filter(({ scope }) => scope !== undefined && scope !== everyTokensScope);

test("there are fields of each kind to try", () => {
  expect(closed.length).toBeGreaterThan(2);
  expect(scoped.length).toBeGreaterThan(2);
  expect(scopes.length).toBeGreaterThan(2);
});

describe("with every scope there is, out of reach are", () => {
  test.each(closed.map(({ coordinate, document }) => [coordinate, document]))(
    "%s",
    async (_name, document) => {
      const { client } = await scriptOf(scopes);
      // In an order: a late use of a token moves its row.
      const stored = () => app.database.selectFrom("access_tokens").select("id").orderBy("id").execute();
      const before = await stored();
      expect(await codesOf(client, document)).toEqual(["FORBIDDEN"]);
      expect(await stored()).toEqual(before);
    },
  );
});

describe.each(scopes)("with the scope %s alone", (scope) => {
  let client: Client;
  beforeAll(async () => {
    client = (await scriptOf([scope])).client;
  });

  test.each(scoped.map(({ coordinate }) => coordinate))(
    "%s is reached by this scope only",
    async (coordinate) => {
      const field = scoped.find((it) => it.coordinate === coordinate);
      const { data, codes } = await client.run<Record<string, unknown>, object>(field?.document ?? "");
      const isHeld = field?.scope === scope;
      if (field?.isOpen) expect([codes, Object.values(data ?? {})[0] !== null]).toEqual([[], isHeld]);
      // What the sample asks for may not be there.
      else expect(codes.filter((code) => code !== "NOT_FOUND")).toEqual(isHeld ? [] : ["FORBIDDEN"]);
      await codesOf(client, field?.document ?? "");
    },
  );
});

test("every token can end itself, whatever it holds", async () => {
  const { client } = await scriptOf(["sessions:read"]);
  expect((await client.run("mutation { logout { message } }")).codes).toEqual([]);
  expect((await client.run("{ public { message } }")).status).toBe(401);
});

test("an open field without the scope sees nobody, under any name, in fragments, and beside what the token may reach", async () => {
  const { client } = await scriptOf(["sessions:read"]);
  const answer = await client.run(
    "{ a: viewer { username } ...F sessions { current } } fragment F on Query { b: viewer { lastLoginAt } }",
  );
  expect(answer.data).toMatchObject({ a: null, b: null, sessions: [{ current: false }] });
});

test("a scope gives no permission: events of others stay the administrator's", async () => {
  const [user, other] = [await app.createUser(), await app.createUser()];
  const query = `{ auditEvents(userId: "${other.id}") { nodes { id } } }`;
  const { client } = await createScript(app, user, ["audit-trail:read"]);
  expect((await client.run("{ auditEvents { nodes { id } } }")).codes).toEqual([]);
  expect((await client.run(query)).codes).toEqual(["NOT_FOUND"]);
  expect((await (await scriptOf(["audit-trail:read"])).client.run(query)).codes).toEqual([]);
});
