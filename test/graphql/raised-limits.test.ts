import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { documentLimitBounds } from "../../src/config/document-limits.ts";
import { Client } from "../harness/client.ts";
import { problemsOf } from "../harness/configuration.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
let client: Client;
beforeAll(async () => {
  const DOCUMENT_LIMITS =
    "root=30, fragment-depth=25,aliases=2,variable-depth=1,variable-values=2,selections=60";
  app = await startApp({ DOCUMENT_LIMITS });
  client = new Client(app);
});
afterAll(() => app.close());

const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(" ");
const codesOf = async (query: string, variables = {}) => (await client.run(query, variables)).codes;
const refused = ["GRAPHQL_VALIDATION_FAILED"];

test("a gateway may merge as many root fields as DOCUMENT_LIMITS says, each time", async () => {
  for (let time = 0; time < 2; time += 1) {
    expect(await codesOf(`{ ${times(12, "public { message }")} }`)).toEqual([]);
    expect(await codesOf(`{ ${times(30, "public { message }")} }`)).toEqual([]);
    const answer = await client.run(`{ ${times(31, "__typename")} }`);
    expect([answer.status, answer.codes, answer.errors[0]?.message]).toEqual([
      400,
      refused,
      "A document can have at most 30 selections at the root of an operation.",
    ]);
  }
});

test("a limit may be lower than its default too, of variables as well", async () => {
  expect(await codesOf("{ a: __typename b: __typename }")).toEqual([]);
  expect(await codesOf("{ a: __typename b: __typename c: __typename }")).toEqual(refused);
  expect(await codesOf(`{ ${times(20, "public { message __typename }")} }`)).toEqual([]);
  expect(await codesOf(`{ ${times(21, "public { message __typename }")} }`)).toEqual(refused);
  const query = "query($a: [String]) { user(id: $a) { id } }";
  // Validation refuses the type of this variable after the limits have let it pass.
  expect(
    (await client.run("query($a: String) { __typename @skip(if: false) }", { a: "", b: "" })).status,
  ).toBe(400);
  for (let time = 0; time < 2; time += 1) {
    expect(await codesOf("{ __typename }", { a: ["1"] })).toEqual([]);
    expect(await codesOf("{ __typename }", { a: ["1", "2"] })).toEqual(refused);
    expect(await codesOf("{ __typename }", { a: [["1"]] })).toEqual(refused);
  }
  expect(await codesOf(query, { a: ["1", "2"] })).toEqual(expect.arrayContaining(refused));
});

test("the nesting of the text follows from the depths", async () => {
  // 20 levels of introspection and 25 of fragments: more than the 30 of the defaults.
  const deep = `{ __type(name: "User") { ${"ofType { ".repeat(18)} ${"...{ ".repeat(24)} name ${" }".repeat(24)} ${" }".repeat(18)} } }`;
  expect(await codesOf(deep)).toEqual([]);
});

test("a limit has an upper bound, so that the work of one request stays bounded", () => {
  for (const { name, most, usual } of Object.values(documentLimitBounds)) {
    expect(problemsOf({ DOCUMENT_LIMITS: `${name}=${most}` })).toEqual([]);
    expect(problemsOf({ DOCUMENT_LIMITS: `root=20,${name}=${most + 1}` })).toEqual([
      `DOCUMENT_LIMITS: ${name} can be at most ${most}`,
    ]);
    expect(most).toBeGreaterThan(usual);
  }
});

test("only what is set changes, and what cannot be read stops the start", () => {
  const { documentLimits } = readConfig({ DOCUMENT_LIMITS: "root=30,aliases=40" });
  expect(documentLimits).toEqual({ ...readConfig({}).documentLimits, rootSelections: 30, aliases: 40 });
  for (const DOCUMENT_LIMITS of [
    "root",
    "root=0",
    "root=-1",
    "root=1e3",
    "rootSelections=30",
    "nesting=40",
    "off",
  ])
    expect(problemsOf({ DOCUMENT_LIMITS })).toEqual([
      expect.stringMatching(
        /^DOCUMENT_LIMITS: ".*" must look like root=30; the names are characters, tokens, /,
      ),
    ]);
});
