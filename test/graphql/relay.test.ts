// Relay's own compiler on schema.graphql, and what it compiled on a real server.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildSchema, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { type App, startApp } from "../harness/server.ts";

const run = promisify(execFile);
const compiler = createRequire(import.meta.url).resolve("relay-compiler/cli.js");
const schemaFile = join(import.meta.dirname, "../../schema.graphql");

let app: App;
let directory: string;
beforeAll(async () => {
  app = await startApp();
  directory = await mkdtemp(join(tmpdir(), "graphward-relay-"));
});
afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true, force: true });
});

/** The operations that Relay's compiler makes of a module with these documents, by name. */
const compile = async (
  module: string,
  documents: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const project = join(directory, module);
  await mkdir(join(project, "src"), { recursive: true });
  const source = documents.map((it) => `graphql\`${it}\`;\n`).join("");
  await writeFile(join(project, `src/${module}.js`), source);
  const config = { src: "src", schema: "schema.graphql", language: "javascript" };
  await writeFile(join(project, "schema.graphql"), await readFile(schemaFile));
  await writeFile(
    join(project, "relay.config.json"),
    JSON.stringify({ ...config, persistConfig: { file: "operations.json" } }),
  );
  await writeFile(join(project, "operations.json"), "{}");
  await run(process.execPath, [compiler, "relay.config.json"], { cwd: project });
  const texts: string[] = Object.values(JSON.parse(await readFile(join(project, "operations.json"), "utf8")));
  return new Map(texts.map((text) => [/^\w+ (\w+)/.exec(text)?.[1] ?? "", text]));
};

const connections = async (): Promise<readonly (readonly [field: string, node: string])[]> => {
  const schema = buildSchema(await readFile(schemaFile, "utf8"), { assumeValidSDL: true });
  return Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap(({ name, type }) => {
    if (!isObjectType(type) || !type.name.endsWith("Connection")) return [];
    return [[name, type.name.replace(/Connection$/, "")] as const];
  });
};

const pagesOf = (module: string, field: string, node: string): string[] => [
  `fragment ${module}_page on Query @refetchable(queryName: "${module}PageQuery")
   @argumentDefinitions(first: { type: "Int" } after: { type: "String" } last: { type: "Int" } before: { type: "String" }) {
     ${field}(first: $first, after: $after, last: $last, before: $before) @connection(key: "${module}_${field}") {
       edges { node { id ...${module}_node } }
     }
   }`,
  `fragment ${module}_node on ${node} @refetchable(queryName: "${module}NodeQuery") { id }`,
  `query ${module}Query { ...${module}_page }`,
];

interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly endCursor: string | null;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
  };
}

describe("Relay", () => {
  test("compiles @connection and @refetchable on each list with pages, and pages both ways through it", async () => {
    const lists = await connections();
    expect(lists.map(([field]) => field).sort()).toEqual(["auditEvents", "users"]);
    const administrator = new Client(app);
    await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
    for (let count = 0; count < 4; count += 1) await app.createUser();

    for (const [field, node] of lists) {
      const operations = await compile(node, pagesOf(node, field, node));
      const page = operations.get(`${node}PageQuery`) ?? "";
      const read = async (variables: Readonly<Record<string, unknown>>) => {
        const { data, codes } = await administrator.run<Record<string, Connection>>(page, variables);
        expect(codes).toEqual([]);
        const connection = data?.[field];
        if (!connection) throw new Error(`${field} has no page.`);
        return { ...connection, ids: connection.edges.map((edge) => edge.node.id) };
      };
      const all = await read({ first: 5 });
      expect(all.ids).toHaveLength(5);
      const [start, next] = [await read({ first: 2 }), await read({ first: 2, after: all.edges[1]?.cursor })];
      expect([start.ids, next.ids]).toEqual([all.ids.slice(0, 2), all.ids.slice(2, 4)]);
      expect(start.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
      expect(next.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
      expect([next.pageInfo.startCursor, next.pageInfo.endCursor]).toEqual([
        all.edges[2]?.cursor,
        all.edges[3]?.cursor,
      ]);
      const previous = await read({ last: 2, before: next.pageInfo.startCursor });
      expect(previous.ids).toEqual(start.ids);
      expect(previous.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
      const nearer = await read({ last: 1, before: next.pageInfo.startCursor });
      expect(nearer.ids).toEqual([all.ids[1]]);
      expect(nearer.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });

      // What @refetchable on an object makes: node(id:).
      const refetched = await administrator.run<{ node: { __typename: string; id: string } }>(
        operations.get(`${node}NodeQuery`) ?? "",
        { id: all.ids[0] },
      );
      expect(refetched.data?.node).toMatchObject({ __typename: node, id: all.ids[0] });
    }
  });

  test("compiles @refetchable on each type that has an id, and refetches it", async () => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user, "TOKEN");
    const types = ["User", "Session", "AccessToken", "AuditEvent"];
    const operations = await compile("Refetched", [
      ...types.map(
        (type) =>
          `fragment Refetched_${type} on ${type} @refetchable(queryName: "Refetched${type}Query") { id }`,
      ),
      `query RefetchedQuery {
           viewer { ...Refetched_User }
           sessions { ...Refetched_Session }
           accessTokens { ...Refetched_AccessToken }
           auditEvents(first: 1) { nodes { ...Refetched_AuditEvent } }
         }`,
    ]);
    const { data } = await client.run<{ sessions: { id: string }[] }>("{ sessions { id } }");
    const session = data?.sessions[0]?.id;
    const ask = async (type: string, id: string | undefined) =>
      (await client.run<{ node: unknown }>(operations.get(`Refetched${type}Query`) ?? "", { id })).data?.node;
    expect(await ask("Session", session)).toMatchObject({ __typename: "Session", id: session });
    expect(await ask("User", user.id)).toMatchObject({ __typename: "User", id: user.id });
    expect(operations.size).toBe(1 + types.length);
  });
});

describe("a page", () => {
  test("is the first or the last items, not both, with cursors of its list only", async () => {
    const client = new Client(app);
    await client.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
    const brokenBy = async (given: string) => {
      const { codes, errors } = await client.run(`{ users(${given}) { pageInfo { endCursor } } }`);
      expect(codes).toEqual(["BAD_USER_INPUT"]);
      const fields = errors.flatMap(
        ({ extensions }) => extensions.fields as readonly { readonly field: string; readonly rule: string }[],
      );
      return fields.map(({ field, rule }) => `${field} ${rule}`);
    };
    expect(await brokenBy("first: 2, last: 2")).toEqual(["last direction"]);
    expect(await brokenBy("last: 101")).toEqual(["last range"]);
    expect(await brokenBy("last: 0")).toEqual(["last range"]);
    expect(await brokenBy('last: 1, before: "x", after: "y"')).toEqual(["after cursor", "before cursor"]);
    const { data } = await client.run<{ auditEvents: Connection }>(
      "{ auditEvents(first: 1) { edges { cursor } } }",
    );
    const [edge] = data?.auditEvents.edges ?? [];
    expect(await brokenBy(`last: 1, before: "${edge?.cursor}"`)).toEqual(["before cursor"]);
  });
});
