import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  graphql,
  type IntrospectionQuery,
  isObjectType,
  validateSchema,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authChecker } from "../../src/auth/access/auth-checker.ts";
import { everyTokensScope } from "../../src/auth/access/decorators.ts";
import { guard } from "../../src/auth/access/guard.ts";
import { createSchemaViews } from "../../src/auth/access/introspection/schema-views.ts";
import { scopesOf } from "../../src/auth/access/permissions.ts";
import { objectFields } from "../../src/auth/access/schema-fields.ts";
import type { Viewer } from "../../src/auth/viewer/viewer.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { Client, logInAs } from "../harness/client.ts";
import { rootFieldsOf } from "../harness/root-fields.ts";
import { type App, openDefaultApplication, startApp, type User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";

const application = await openDefaultApplication();
const { schema, rules } = buildGuardedSchema(application);

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
});
afterAll(() => app.close());

const query = getIntrospectionQuery();
const anonymous = () => new Client(app);
const loggedIn = (who = user) => logInAs(app, who, "SESSION");

const shownTo = async (client: Client): Promise<GraphQLSchema> => {
  const { status, data, text } = await client.run<IntrospectionQuery, object>(query);
  if (status !== 200 || !data) throw new Error(`There is no schema to look at: ${text}`);
  return buildClientSchema(data);
};
const coordinatesOf = (shown: GraphQLSchema): readonly string[] =>
  rootFieldsOf(shown).map(({ coordinate }) => coordinate);
const typesOf = (shown: GraphQLSchema): readonly string[] =>
  Object.keys(shown.getTypeMap()).filter((name) => !name.startsWith("__"));

describe("introspection shows", () => {
  test("nobody the open fields, and of the types what these reach", async () => {
    const shown = await shownTo(anonymous());
    expect([...coordinatesOf(shown)].sort()).toEqual([...rules.open].sort());
    expect(typesOf(shown)).toEqual(
      expect.arrayContaining(["User", "LoginPayload", "LoginMode", "RegisterInput", "DateTime"]),
    );
    for (const hidden of ["AccessToken", "AuditEvent", "AuditEventType", "CreateAccessTokenInput", "Session"])
      expect(typesOf(shown)).not.toContain(hidden);
    expect(shown.getDirectives().map(({ name }) => name)).toEqual(
      schema.getDirectives().map(({ name }) => name),
    );
    expect(validateSchema(shown)).toEqual([]);
  });

  test("an administrator the whole schema", async () => {
    const shown = await shownTo(await loggedIn(await app.createUser({ roles: ["ADMIN"] })));
    expect(coordinatesOf(shown)).toEqual(coordinatesOf(schema));
    expect([...typesOf(shown)].sort()).toEqual([...typesOf(schema)].sort());
  });

  test("an access token what its scopes reach, and the open fields", async () => {
    const { client } = await createScript(app, user, ["sessions:read"]);
    const shown = await shownTo(client);
    const held: readonly (string | undefined)[] = ["sessions:read", everyTokensScope];
    expect(coordinatesOf(shown)).toEqual(
      coordinatesOf(schema).filter((it) => rules.open.has(it) || held.includes(rules.scopes.get(it))),
    );
    expect(coordinatesOf(shown)).toEqual(expect.arrayContaining(["Mutation.logout", "Query.sessions"]));
    expect(typesOf(shown)).toContain("Session");
    expect(typesOf(shown)).not.toContain("AuditEvent");
  });

  test("nobody's part to whom a cookie of an ended session came with", async () => {
    const client = await loggedIn();
    expect(typesOf(await shownTo(client))).toContain("Session");
    const [cookie] = client.cookies;
    await client.run("mutation { logout { message } }");
    client.cookies.set(...(cookie as [string, string]));
    expect(coordinatesOf(await shownTo(client))).toEqual(coordinatesOf(await shownTo(anonymous())));
  });

  test("each caller their own part, whoever asked with the same document before or asks meanwhile", async () => {
    const callers = [
      anonymous(),
      await loggedIn(),
      (await createScript(app, user, ["sessions:read"])).client,
      (await createScript(app, user, ["profile:read"])).client,
      await loggedIn(await app.createUser({ roles: ["ADMIN"] })),
    ];
    const first: string[] = [];
    for (const caller of callers) first.push((await caller.run(query)).text);
    expect(new Set(first.slice(0, 4)).size).toBe(4);
    const asked = Array.from({ length: 20 }, (_, index) => index % callers.length);
    const answers = await Promise.all(asked.map((index) => callers[index]?.run(query)));
    expect(answers.map((answer) => answer?.text)).toEqual(asked.map((index) => first[index]));
  });

  test("no more of a type that is asked for by its name, by POST and by GET", async () => {
    const text = '{ a: __type(name: "AuditEvent") { name } b: __type(name: "Nonsense") { name } }';
    const path = `?${new URLSearchParams({ query: text })}`;
    for (let time = 0; time < 2; time += 1)
      for (const answer of [await anonymous().run(text), await anonymous().send({ path })])
        expect(answer.data).toEqual({ a: null, b: null });
    expect((await (await loggedIn()).run(text)).data).toEqual({ a: { name: "AuditEvent" }, b: null });
  });

  test("nothing where it is off, to administrators neither", async () => {
    const closed = await startApp({ INTROSPECTION: "off" });
    const admin = new Client(closed);
    await admin.logIn(await closed.createUser({ roles: ["ADMIN"] }));
    for (const text of [
      query,
      '{ __type(name: "User") { name } }',
      "query { ...F } fragment F on Query { __schema { queryType { name } } }",
    ]) {
      const { status, codes } = await admin.run(text);
      expect([status, [...new Set(codes)]]).toEqual([400, ["GRAPHQL_VALIDATION_FAILED"]]);
    }
    await closed.close();
  });
});

test("introspection is off in production unless it is turned on", async () => {
  const production = { NODE_ENV: "production", PUBLIC_URL: "https://api.example.com", HOST: "127.0.0.1" };
  for (const [environment, status] of [
    [production, 400],
    [{ ...production, INTROSPECTION: "on" }, 200],
  ] as const) {
    const server = await startApp(environment);
    expect((await new Client(server).run(query)).status).toBe(status);
    await server.close();
  }
});

describe("what introspection answers on its own part alone", () => {
  const refused = [
    "{ __schema { queryType { name } } public { message } }",
    '{ a: public { message } b: __type(name: "User") { name } }',
    "{ public { message } ...F } fragment F on Query { __schema { queryType { name } } }",
    "query A { __typename } query B { __schema { queryType { name } } viewer { id } }",
    "{ __schema { queryType { name } } missing }",
    "mutation { __schema { queryType { name } } }",
    "{ viewer { __schema { queryType { name } } } }",
  ];
  test.each(refused)("refuses beside it any other field: %s", async (text) => {
    for (let time = 0; time < 2; time += 1) {
      const answer = await anonymous().run(text);
      expect(answer.status).toBe(400);
      expect(answer.errors).toEqual([
        {
          message:
            "An operation with __schema or __type must be a query without other root fields, except __typename.",
          extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
        },
      ]);
    }
  });

  test("lets __typename stand beside it, and other operations in its document", async () => {
    const text =
      'query A { __typename __schema { queryType { name } } t: __type(name: "Query") { name } } query B { public { message } private { message } }';
    const post = (operationName: string) => anonymous().post(JSON.stringify({ query: text, operationName }));
    for (let time = 0; time < 2; time += 1) {
      expect((await post("A")).data).toEqual({
        __typename: "Query",
        __schema: { queryType: { name: "Query" } },
        t: { name: "Query" },
      });
      expect((await post("B")).codes).toEqual(["UNAUTHENTICATED"]);
    }
    expect((await anonymous().run("{ __typename }")).data).toEqual({ __typename: "Query" });
  });

  test("names a variable or an argument that does not fit, and gives no schema for it", async () => {
    const text = "query($n: String!) { __type(name: $n) { name } }";
    const answers = [
      await anonymous().run(text, {}),
      await anonymous().run(text, { n: 1 }),
      await anonymous().run(
        'query($d: Boolean = true) { __type(name: "User") { fields(includeDeprecated: $d) { name } } }',
        { d: "x" },
      ),
    ];
    for (const { status, codes, data } of answers)
      expect([status, codes, data]).toEqual([400, ["BAD_USER_INPUT"], undefined]);
  });

  test("is refused whole with a token that is not good", async () => {
    const client = Object.assign(anonymous(), { token: "gws_nonsense" });
    expect((await client.run(query)).status).toBe(401);
  });
});

describe("a root field is shown exactly to those whom the guard lets pass:", () => {
  const viewerOf = (roles: readonly string[], scopes: readonly string[] | null = null) =>
    ({ roles, permissions: [], accessToken: scopes && { id: "1", scopes } }) as unknown as Viewer;
  const scopes = scopesOf(schema);
  const callers: Readonly<Record<string, Viewer | null>> = {
    nobody: null,
    "a user": viewerOf([]),
    "an administrator": viewerOf(["ADMIN"]),
    "a token with every scope": viewerOf([], scopes),
    "an administrator's token with every scope": viewerOf(["ADMIN"], scopes),
    ...Object.fromEntries(scopes.map((scope) => [`a token with ${scope}`, viewerOf([], [scope])])),
  };

  /** The same guard around resolvers that only tell that they were reached. */
  const reached = new Error("reached");
  const buildTelling = (): GraphQLSchema => {
    const telling = buildGuardedSchema(application);
    for (const { field } of objectFields(telling.schema))
      field.resolve = () => {
        throw reached;
      };
    return guard(telling.schema, telling.rules, authChecker);
  };

  test.each(Object.keys(callers))("%s", async (name) => {
    const viewer = callers[name] ?? null;
    const services = { limits: { spend: async () => undefined } };
    const free = { takeCharge: () => true, findKnownUserId: () => null, services };
    const nobody = { ...free, findViewer: () => null, scopes: null };
    const contextValue = {
      ...free,
      findViewer: () => viewer,
      scopes: viewer?.accessToken?.scopes ?? null,
      asAnonymous: () => nobody,
    };
    const telling = buildTelling();
    const passed: string[] = [];
    for (const { coordinate, document: source } of rootFieldsOf(schema)) {
      const { errors = [] } = await graphql({ schema: telling, source, contextValue });
      if (errors.some(({ originalError }) => originalError === reached)) passed.push(coordinate);
      else expect(errors[0]?.extensions.code, coordinate).toMatch(/^(?:UNAUTHENTICATED|FORBIDDEN)$/);
    }
    const view = createSchemaViews(schema, rules)(viewer);
    expect(coordinatesOf(view)).toEqual(passed);
    expect(
      Object.values(view.getTypeMap()).filter(
        (it) => isObjectType(it) && Object.keys(it.getFields()).length === 0,
      ),
    ).toEqual([]);
    expect(validateSchema(view)).toEqual([]);
  });
});
