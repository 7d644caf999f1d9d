// Graphward as a subgraph beside another one, behind Apollo's gateway and behind Hive's.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { composeServices } from "@apollo/composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { buildSchema, graphql, parse, visit } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noApplication } from "../../src/application/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import { graphward } from "../harness/process.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";

let app: App;
let alice: User;
let bob: User;
let administrator: User;
let reviews: Server;
let sdl: string;
let supergraph: string;
beforeAll(async () => {
  // What the command prints here is our own schema.
  app = await startApp({ FEDERATION: "on", INTROSPECTION: "on" }, noApplication);
  [alice, bob] = [await app.createUser(), await app.createUser()];
  administrator = await app.createUser({ roles: ["ADMIN"] });
  reviews = await serveReviews();
  const { client } = await createScript(app, administrator, ["schema:read"]);
  const answer = await client.run<{ _service: { sdl: string } }>("{ _service { sdl } }");
  sdl = answer.data?._service.sdl ?? answer.text;
  const { supergraphSdl, errors } = composeServices([
    { name: "graphward", url: app.url, typeDefs: parse(sdl) },
    { name: "reviews", url: urlOf(reviews), typeDefs: parse(reviewTypes) },
  ]);
  expect(errors ?? []).toEqual([]);
  supergraph = supergraphSdl ?? "";
});
afterAll(async () => {
  await app.close();
  reviews.close();
});

const reviewTypes = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type Query { reviews: [Review!]! reviewPage: PageInfo node(id: ID!): Node }
  interface Node { id: ID! }
  type Review implements Node @key(fields: "id") { id: ID! text: String! author: User }
  type User @key(fields: "id", resolvable: false) { id: ID! }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }`;

/** Another team's subgraph: reviews, by users of whom it knows the ids only. */
const serveReviews = (): Promise<Server> => {
  const written = () =>
    [alice, bob].map(({ id }, index) => ({ id: `r${index}`, text: "fine", author: { id } }));
  const directives =
    "directive @key(fields: String!, resolvable: Boolean) on OBJECT directive @shareable on OBJECT";
  const typeDefs = `${directives} ${reviewTypes.replace(/extend schema .*/, "")}`;
  const schema = buildSchema(typeDefs);
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const { query: source, variables: variableValues } = JSON.parse(body);
    const result = await graphql({ schema, source, variableValues, rootValue: { reviews: written } });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(result));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
};

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;

const document =
  "{ public { message } viewer { username } sessions { id } reviews { text author { id username } } }";

interface Result {
  readonly data: {
    readonly public: { readonly message: string };
    readonly viewer: { readonly username: string } | null;
    readonly sessions: readonly unknown[] | null;
    readonly reviews: readonly { readonly author: { readonly username: string } | null }[];
  };
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** Not imported by name: its types change those of graphql for the whole project. */
const hiveGateway: string = "@graphql-hive/gateway-runtime";
interface HiveGateway {
  createGatewayRuntime(options: {
    readonly supergraph: string;
    readonly logging: boolean;
    readonly propagateHeaders: {
      fromClientToSubgraphs(call: { readonly request: Request }): Record<string, string | null>;
    };
  }): AsyncDisposable & { fetch(url: string, init: RequestInit): Promise<Response> };
}

const gateways: Readonly<
  Record<string, () => Promise<{ ask(authorization: string | null): Promise<Result>; stop(): unknown }>>
> = {
  "Apollo's gateway": async () => {
    const buildService = ({ url = "" }) =>
      new (class extends RemoteGraphQLDataSource {
        override willSendRequest({
          request,
          context,
        }: Parameters<NonNullable<RemoteGraphQLDataSource["willSendRequest"]>>[0]) {
          const { authorization } = context as { authorization?: string | null };
          if (authorization) request.http?.headers.set("authorization", authorization);
        }
      })({ url });
    const gateway = new ApolloGateway({ supergraphSdl: supergraph, buildService });
    const server = new ApolloServer<{ authorization: string | null }>({
      gateway,
      stopOnTerminationSignals: false,
    });
    await server.start();
    return {
      async ask(authorization) {
        const answer = await server.executeOperation(
          { query: document },
          { contextValue: { authorization } },
        );
        if (answer.body.kind !== "single") throw new Error("The gateway answered in parts.");
        return JSON.parse(JSON.stringify(answer.body.singleResult));
      },
      stop: () => server.stop(),
    };
  },
  "Hive's gateway": async () => {
    const { createGatewayRuntime }: HiveGateway = await import(hiveGateway);
    const gateway = createGatewayRuntime({
      supergraph,
      logging: false,
      propagateHeaders: {
        fromClientToSubgraphs: ({ request }) => ({
          authorization: request.headers.get("authorization"),
        }),
      },
    });
    return {
      async ask(authorization) {
        const response = await gateway.fetch("http://gateway.example/graphql", {
          method: "POST",
          headers: { "content-type": "application/json", ...(authorization !== null && { authorization }) },
          body: JSON.stringify({ query: document }),
        });
        return (await response.json()) as Result;
      },
      stop: () => gateway[Symbol.asyncDispose](),
    };
  },
};

describe.each(Object.keys(gateways))("behind %s", (name) => {
  let gateway: Awaited<ReturnType<(typeof gateways)[string]>>;
  beforeAll(async () => {
    gateway = await (gateways[name] ?? expect.unreachable)();
  });
  afterAll(() => gateway.stop());

  const askAs = async (user: User) => gateway.ask(`Bearer ${(await logInAs(app, user)).token}`);
  const authorsIn = ({ data }: Result) => data.reviews.map(({ author }) => author?.username ?? null);

  test("a viewer's token gets what the viewer may see, users of other subgraphs included", async () => {
    const { data } = await askAs(alice);
    expect(data.public.message).toBe("Public access allowed!");
    expect(data.viewer).toEqual({ username: alice.username });
    expect(data.sessions).not.toEqual([]);
    const ofAdministrator = await askAs(administrator);
    expect(ofAdministrator.errors).toBeUndefined();
    expect(authorsIn(ofAdministrator)).toEqual([alice.username, bob.username]);
  });

  test("a user whom the viewer may not read is null", async () => {
    expect(authorsIn(await askAs(alice))).toEqual([alice.username, null]);
    expect(authorsIn(await askAs(bob))).toEqual([null, bob.username]);
  });

  test("without a token private fields are refused, and public ones are answered", async () => {
    const { data, errors } = await gateway.ask(null);
    expect(data).toMatchObject({
      public: { message: "Public access allowed!" },
      viewer: null,
      sessions: null,
    });
    expect(authorsIn({ data })).toEqual([null, null]);
    expect(errors?.map(({ extensions }) => extensions?.code)).toContain("UNAUTHENTICATED");
  });
});

describe("_entities", () => {
  const ask =
    "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on User { id username } } }";
  const entitiesFor = async (client: Client, r: readonly unknown[]) => {
    const { data, codes } = await client.run<{ _entities: unknown }>(ask, { r });
    return codes.length > 0 ? codes : data?._entities;
  };
  const referenceTo = ({ id }: User) => ({ __typename: "User", id });

  test("show what node shows, by type and id", async () => {
    const client = await logInAs(app, alice);
    const shown = { __typename: "User", id: alice.id, username: alice.username };
    const unknown = { __typename: "User", id: "00000000-0000-7000-8000-000000000000" };
    expect(
      await entitiesFor(client, [
        referenceTo(bob),
        referenceTo(alice),
        { ...referenceTo(alice), __typename: "Session" },
        { ...referenceTo(alice), __typename: "Query" },
        unknown,
        referenceTo(alice),
      ]),
    ).toEqual([null, shown, null, null, null, shown]);
    for (const representation of [
      {},
      { __typename: "User" },
      { id: alice.id },
      "User",
      1,
      [],
      { __typename: 1, id: [] },
    ])
      expect(await entitiesFor(client, [representation])).toEqual(["BAD_USER_INPUT"]);
  });

  test("are private, and need the scope nodes:read of a token", async () => {
    expect(await entitiesFor(new Client(app), [referenceTo(alice)])).toEqual(["UNAUTHENTICATED"]);
    const without = await createScript(app, administrator, ["users:read", "profile:read"]);
    expect(await entitiesFor(without.client, [referenceTo(alice)])).toEqual(["FORBIDDEN"]);
    const script = await createScript(app, administrator, ["nodes:read", "users:read"]);
    expect(await entitiesFor(script.client, [referenceTo(alice)])).toMatchObject([{ id: alice.id }]);
  });
});

describe("_service", () => {
  const codesFor = async (client: Client) => (await client.run("{ _service { sdl } }")).codes;

  test("shows the whole schema only with the permission and the scope schema:read", async () => {
    expect(await codesFor(new Client(app))).toEqual(["UNAUTHENTICATED"]);
    expect(await codesFor(await logInAs(app, alice))).toEqual(["FORBIDDEN"]);
    expect(await codesFor((await createScript(app, administrator, ["nodes:read"])).client)).toEqual([
      "FORBIDDEN",
    ]);
    expect(await codesFor((await createScript(app, alice, ["schema:read"])).client)).toEqual(["FORBIDDEN"]);
    expect(await codesFor(await logInAs(app, administrator))).toEqual([]);
  });

  test("is what graphward schema --federation prints: keys and shared types, no rules of ours", async () => {
    expect((await graphward(["schema", "--federation"])).stdout).toBe(sdl);
    expect(sdl).toContain('type User implements Node @key(fields: "id")');
    expect(sdl).toContain("type PageInfo @shareable");
    const used = new Set<string>();
    visit(parse(sdl), { Directive: ({ name }) => void used.add(name.value) });
    expect(used).toEqual(new Set(["link", "key", "shareable", "specifiedBy"]));
    expect(sdl).not.toMatch(/_entities|_service|^ {2}nodes?\(/m);
  });

  test("hides from introspection what the caller may not use", async () => {
    const fieldsFor = async (client: Client) => {
      const { data } = await client.run<{ __schema: { queryType: { fields: { name: string }[] } } }>(
        "{ __schema { queryType { fields { name } } } }",
      );
      return data?.__schema.queryType.fields.map(({ name }) => name) ?? [];
    };
    expect(await fieldsFor(new Client(app))).toEqual(["public", "loginMethods", "viewer"]);
    expect(await fieldsFor(await logInAs(app, alice))).not.toContain("_service");
    expect(await fieldsFor(await logInAs(app, administrator))).toContain("_service");
  });
});

test("without FEDERATION there is neither", async () => {
  const usual = await startApp();
  try {
    const client = await logInAs(usual, await usual.createUser({ roles: ["ADMIN"] }));
    for (const field of ["_service { sdl }", "_entities(representations: []) { __typename }"])
      expect((await client.run(`{ ${field} }`)).codes).toContain("GRAPHQL_VALIDATION_FAILED");
  } finally {
    await usual.close();
  }
});
