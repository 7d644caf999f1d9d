import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Class } from "../../src/auth/access/rules.ts";
import { usualDocumentLimits } from "../../src/graphql/document-limits.ts";
import { resolvers } from "../../src/resolvers/index.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { ProbeResolver } from "../fast-path/probe-schema.ts";
import { type Answer, Client } from "../harness/client.ts";
import { rootFieldsOf, writeField } from "../harness/root-fields.ts";
import { type App, startApp } from "../harness/server.ts";

// Its types hold themselves, so that a document of any depth is valid. They are private.
(resolvers as unknown as Class[]).push(ProbeResolver);

const { variableDepth, variableValues, ...documentLimits } = usualDocumentLimits;

let app: App;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  await client.logIn(await app.createUser(), "TOKEN");
});
afterAll(() => app.close());

const times = (count: number, text: string | ((index: number) => string)): string =>
  Array.from({ length: count }, (_, index) => (typeof text === "string" ? text : text(index))).join(" ");
const nested = (levels: number, open: string, core: string, close: string): string =>
  open.repeat(levels) + core + close.repeat(levels);

const byGet = (query: string): Promise<Answer<unknown>> =>
  client.send({ path: `?${new URLSearchParams({ query })}` });

/** Whatever came before, the next honest request is answered by the same process. */
const expectStillServing = async () =>
  expect((await client.run("{ private { message } }")).codes).toEqual([]);

const expectRefusal = async (answer: Answer<unknown>, text: string) => {
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    400,
    { errors: [{ message: text, extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] },
  ]);
  await expectStillServing();
};

type Name = keyof typeof documentLimits;

type Sized = readonly [Name, how: string, write: (most: number) => string, step?: number];

/** Each is a document that measures just as much as it is told to, in one way of doing so, and in steps. */
const documents: readonly Sized[] = [
  ["characters", "in a comment", (most) => "{ public { message } } #".padEnd(most, "x")],
  ["characters", "in a literal", (most) => `{ echo(text: "${"é".repeat(most - 18)}") }`],
  ["tokens", "in a list", (most) => `{ echo(list: [${times(most - 9, "1")}]) }`],
  ["depth", "of fields", (most) => `{ probe { ${nested(most - 2, "inner { ", "name", " }")} } }`],
  [
    "depth",
    "of fields in fragments",
    (most) =>
      `{ probe { ...F1 } } ${times(most - 2, (it) => `fragment F${it + 1} on Probe { inner { ...F${it + 2} } }`)} fragment F${most - 1} on Probe { name }`,
  ],
  [
    "depth",
    "of literals",
    (most) => `{ echo(input: ${nested(most - 2, '{ text: "" inner: ', '{ text: "" }', " }")}) }`,
  ],
  [
    "depth",
    "of the literals below fields",
    (most) => `{ probe { ${nested(most - 3, "inner { ", "many(count: 1) { ...{ name } }", " }")} } }`,
  ],
  [
    "depth",
    "of a variable's default",
    (most) =>
      `query($v: ProbeInput = ${nested(most - 1, '{ text: "" inner: ', '{ text: "" }', " }")}) { echo(input: $v) }`,
  ],
  [
    "introspectionDepth",
    "of types",
    (most) => `{ __type(name: "Probe") { ${nested(most - 2, "ofType { ", "name", " }")} } }`,
  ],
  [
    "introspectionDepth",
    "of types in fragments",
    (most) =>
      `{ ...S } fragment S on Query { __schema { types { ...T } } } fragment T on __Type { ${nested(most - 3, "ofType { ", "name", " }")} }`,
  ],
  [
    "nesting",
    "of all that may nest",
    (most) =>
      `{ __type(name: "Probe") { ${nested(18, "ofType { ", nested(most - 20, "...{ ", "name", " }"), " }")} } }`,
  ],
  ["fragmentDepth", "inline", (most) => `{ probe { ${nested(most, "...{ ", "name", " }")} } }`],
  [
    "fragmentDepth",
    "by name",
    (most) =>
      `{ probe { ...F1 } } ${times(most - 1, (it) => `fragment F${it + 1} on Probe { ...F${it + 2} }`)} fragment F${most} on Probe { name }`,
  ],
  ["aliases", "on one field", (most) => `{ probe { ${times(most, (it) => `a${it}: name`)} } }`],
  ["aliases", "that say nothing new", (most) => `{ probe { ${times(most, "name: name")} } }`],
  [
    "aliases",
    "in a fragment that is spread again",
    (most) => `{ probe { ${times(most / 3, "...F")} } } fragment F on Probe { a: name b: name c: name }`,
    3,
  ],
  ["rootSelections", "of __typename", (most) => `{ ${times(most, "__typename")} }`],
  ["rootSelections", "of one field, merged", (most) => `{ ${times(most, "public { message }")} }`],
  [
    "rootSelections",
    "in fragments",
    (most) =>
      `{ public { message } ${times((most - 2) / 2, "...F")} ...{ __typename } } fragment F on Query { __typename public { message } }`,
    2,
  ],
  ["rootSelections", "of a mutation", (most) => `mutation { ${times(most, "count")} }`],
  [
    "rootSelections",
    "that are skipped",
    (most) =>
      `query($s: Boolean = true) { __typename ...@skip(if: $s) { ${times(most - 1, "public { message }")} } }`,
  ],
  ["directives", "on fields", (most) => `{ probe { ${times(most, "name @include(if: true)")} } }`],
  [
    "directives",
    "on fragments, and in them",
    (most) =>
      `{ probe { ${times(most / 2, "...F @skip(if: false)")} } } fragment F on Probe { name @include(if: true) }`,
    2,
  ],
  [
    "selections",
    "written out",
    (most) =>
      `{ probe { ${times(10, "...F")} ${times(most - 11 - 10 * 90, "name")} } } fragment F on Probe { ${times(90, "name")} }`,
  ],
];

describe("a document at a limit is answered, and one beyond it refused, by POST and by GET, each time:", () => {
  const titled = documents.map((it) => [`${it[0]} ${it[1]}`, it] as const);

  test.each(titled)("%s", async (_title, [name, _how, write, step = 1]) => {
    const { most, text } = documentLimits[name];
    const beyond = write(most + step);
    for (let time = 0; time < 2; time += 1) {
      const answer = await client.run(write(most));
      expect([answer.status, answer.errors]).toEqual([200, []]);
      await expectRefusal(await client.run(beyond), text);
      // Longer addresses are refused by node:http.
      if (beyond.length < 10_000 && !beyond.startsWith("mutation"))
        await expectRefusal(await byGet(beyond), text);
    }
  });

  test("every limit has a document", () => {
    expect(new Set(documents.map(([name]) => name))).toEqual(new Set(Object.keys(documentLimits)));
  });
});

describe("hostile nesting ends before the parser:", () => {
  const texts: Readonly<Record<string, string>> = {
    braces: "{".repeat(15_000),
    "braces with names": "{a".repeat(7_500),
    brackets: `{a(b:${"[".repeat(14_900)}`,
    objects: `{a(b:${"{b:".repeat(4_900)}`,
    "types of variables": `query($v:${"[".repeat(14_000)}Int`,
    "inline fragments": `{${"...{".repeat(3_700)}`,
    "behind a string that looks like an end": `{a(b:"}}}}"${"{".repeat(5_000)}`,
    "behind a comment that looks like an end": `{#}}}\n${"{".repeat(5_000)}`,
    "of balanced braces": "{a".repeat(200) + "}".repeat(200),
  };

  test.each(Object.keys(texts))("%s", async (name) => {
    await expectRefusal(await client.run(texts[name] ?? ""), documentLimits.nesting.text);
  });

  test("what stands in strings and comments nests nothing", async () => {
    const query = `{ echo(text: "${"{[".repeat(1_000)}") } # ${"{[".repeat(1_000)}`;
    expect((await client.run(query)).codes).toEqual([]);
  });
});

describe("variables", () => {
  const query = "query($v: ProbeInput) { echo(input: $v) }";
  const bodyWith = (levels: number) =>
    `{"query":"${query}","variables":{"v":${nested(levels - 1, '{"text":"","inner":', '{"text":""}', "}")}}}`;

  test("nest as deep as literals may, and no deeper: in a known document too, and by GET", async () => {
    for (let time = 0; time < 2; time += 1) {
      expect((await client.post(bodyWith(variableDepth.most))).codes).toEqual([]);
      await expectRefusal(await client.post(bodyWith(variableDepth.most + 1)), variableDepth.text);
      const { variables } = JSON.parse(bodyWith(variableDepth.most + 1));
      const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      await expectRefusal(await client.send({ path: `?${search}` }), variableDepth.text);
    }
  });

  test("in lists are measured alike", async () => {
    const value = nested(variableDepth.most + 1, "[", "1", "]");
    for (const text of [query, "query($v: [Int!]) { echo(list: $v) }"])
      await expectRefusal(
        await client.post(`{"query":"${text}","variables":{"v":${value}}}`),
        variableDepth.text,
      );
  });

  test("have a thousand values together, in objects and in lists: in a known document too, and by GET", async () => {
    // Two of them are the variables themselves.
    const lists = (items: number) => ({ one: [1], other: Array(items - 3).fill(1) });
    const listQuery =
      "query($one: [Int!], $other: [Int!]) { one: echo(list: $one) other: echo(list: $other) }";
    const objects = (fields: number) => ({
      v: Object.fromEntries(Array.from({ length: fields - 1 }, (_, index) => [`f${index}`, 1])),
    });
    for (let time = 0; time < 2; time += 1) {
      const fitting = { query: listQuery, variables: lists(variableValues.most) };
      expect((await client.post(JSON.stringify(fitting))).codes).toEqual([]);
      for (const [text, variables] of [
        [listQuery, lists(variableValues.most + 1)],
        [query, objects(variableValues.most + 1)],
      ] as const) {
        await expectRefusal(
          await client.post(JSON.stringify({ query: text, variables })),
          variableValues.text,
        );
      }
      const tooMany = JSON.stringify(lists(variableValues.most + 1));
      const search = new URLSearchParams({ query: listQuery, variables: tooMany });
      await expectRefusal(await client.send({ path: `?${search}` }), variableValues.text);
      // Whatever does not fit is told of by fifty errors at most, and shortly.
      const unfitting = await client.post(JSON.stringify({ query, variables: objects(variableValues.most) }));
      expect(unfitting.codes).toContain("BAD_USER_INPUT");
      expect(unfitting.text.length).toBeLessThan(50_000);
    }
  });

  test.each(["variables", "extensions", "operationName", "query", "anything"])(
    "50,000 levels of JSON in %s end no process",
    async (name) => {
      for (const value of [nested(50_000, "[", "", "]"), `{"v":${nested(16_000, '{"a":', "1", "}")}}`]) {
        const answer = await client.post(`{"query":"{ public { message } }","${name}":${value}}`);
        expect(answer.status).toBeLessThan(500);
        expect(answer.text.length).toBeLessThan(1_000);
        await expectStillServing();
      }
      expect((await client.post(nested(50_000, "[", "", "]"))).status).toBe(400);
    },
  );
});

describe("no name changes a limit:", () => {
  const deep = nested(documentLimits.depth.most, "inner { ", "name", " }");
  const queries: Readonly<Record<string, string>> = {
    "an operation like the introspection query": `query IntrospectionQuery { probe { ${deep} } }`,
    "an operation __schema": `query __schema { probe { ${deep} } }`,
    "a fragment __schema": `{ probe { ...__schema } } fragment __schema on Probe { ${deep} }`,
    "a fragment __type": `query IntrospectionQuery { ...__type } fragment __type on Query { probe { ${deep} } }`,
    "an alias __schema": `{ __schema: probe { ${deep} } }`,
    "__schema beside it": `{ __schema { __typename } probe { ${deep} } }`,
    "__schema below it": `{ probe { __schema { ${deep} } } }`,
  };

  test.each(Object.keys(queries))("%s", async (name) => {
    const answer = await client.run(queries[name] ?? "");
    await expectRefusal(answer, documentLimits.depth.text);
  });
});

test("a refusal comes in the media type that the client asks for, and is told to the log by its code", async () => {
  const body = JSON.stringify({ query: `{ ${times(11, "__typename")} }` });
  for (const accept of ["application/json", "application/graphql-response+json"]) {
    const answer = await client.post(body, { accept });
    await expectRefusal(answer, documentLimits.rootSelections.text);
    expect(answer.headers.get("content-type")).toBe(`${accept}; charset=utf-8`);
    const line = app.log.find((it) => it.includes(answer.headers.get("x-request-id") ?? "?"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ status: 400, outcomes: ["GRAPHQL_VALIDATION_FAILED"] });
  }
});

test("of a refused document nothing has run", async () => {
  const countedSoFar = async () =>
    (await client.run<{ count: number }, object>("mutation { count }")).data?.count;
  const before = (await countedSoFar()) ?? Number.NaN;
  await expectRefusal(
    await client.run(`mutation { ${times(11, "count")} }`),
    documentLimits.rootSelections.text,
  );
  await expectRefusal(
    await client.run(`mutation { count ${times(16, (it) => `a${it}: count`)} }`),
    documentLimits.rootSelections.text,
  );
  expect(await countedSoFar()).toBe(before + 1);
});

describe("a page has 1 to 100 items:", () => {
  const paged = rootFieldsOf(buildGuardedSchema().schema).filter(({ field }) =>
    field.args.some(({ name }) => name === "first"),
  );

  test.each(paged.map((it) => [it.coordinate, it] as const))("%s", async (_name, { operation, field }) => {
    const admin = new Client(app);
    await admin.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
    const asLiteral = (first: number) => admin.run(writeField(operation, field, { first: String(first) }));
    const asVariable = (first: number) =>
      admin.run(writeField(operation, field, { first: "$first" }).replace("query", "query($first: Int)"), {
        first,
      });
    for (const ask of [asLiteral, asVariable]) {
      for (const first of [1, 100]) expect((await ask(first)).codes).toEqual([]);
      for (const first of [-1, 0, 101, 2_147_483_647]) {
        const { codes, errors } = await ask(first);
        expect([first, codes]).toEqual([first, ["BAD_USER_INPUT"]]);
        expect(errors[0]?.extensions.fields).toMatchObject([{ field: "first", rule: "range" }]);
      }
    }
  });

  test("every list that is not bounded by itself asks for a number", () => {
    expect(paged.map(({ coordinate }) => coordinate)).toEqual(["Query.auditEvents", "Query.users"]);
  });
});

test("an operation that is not asked for counts as well", async () => {
  const query = `query A { public { message } } query B { ${times(11, "__typename")} }`;
  const answer = await client.post(JSON.stringify({ query, operationName: "A" }));
  await expectRefusal(answer, documentLimits.rootSelections.text);
});

describe("fragments", () => {
  test("that double at each step are counted without being written out", async () => {
    const doubling = times(
      9,
      (it) => `fragment F${it} on Probe { inner { ...F${it + 1} } inner { ...F${it + 1} } }`,
    );
    await expectRefusal(
      await client.run(`{ probe { ...F0 } } ${doubling} fragment F9 on Probe { name }`),
      documentLimits.selections.text,
    );
    const wide = times(60, (it) => `fragment F${it} on Probe { ${times(4, `...F${it + 1}`)} }`);
    await expectRefusal(
      await client.run(`{ probe { ...F0 } } ${wide} fragment F60 on Probe { name }`),
      documentLimits.selections.text,
    );
  });

  test("that spread themselves, each other, or nothing are refused by validation", async () => {
    for (const query of [
      "{ probe { ...A } } fragment A on Probe { inner { ...A } }",
      "{ probe { ...A } } fragment A on Probe { ...B ...B } fragment B on Probe { ...A ...A }",
      "{ probe { ...Missing } }",
    ]) {
      const answer = await client.run(query);
      expect([answer.status, answer.codes[0]]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
      await expectStillServing();
    }
  });
});

test("what validation says is short, however long the names and however many the mistakes", async () => {
  const name = "n".repeat(12_000);
  const undefinedVariables = `query ${name} { ${times(9, (it) => `public { message @skip(if: $a${it}) }`)} }`;
  const unknownFields = `{ public { ${times(900, (it) => `f${it}`)} } }`;
  const unknownOperation = JSON.stringify({ query: "{ __typename }", operationName: name.repeat(7) });
  for (const answer of [
    await client.run(undefinedVariables),
    await client.run(unknownFields),
    await client.run(`{ ${name} }`),
    await client.post(unknownOperation),
  ]) {
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThan(10_000);
  }
  await expectStillServing();
});

describe("persisted queries", () => {
  const query = `{ ${times(11, "__typename")} }`;
  const sha256Hash = createHash("sha256").update(query).digest("hex");
  const extensions = { persistedQuery: { version: 1, sha256Hash } };

  test("are off, so that no document comes in by its hash", async () => {
    await expectRefusal(
      await client.post(JSON.stringify({ query, extensions })),
      documentLimits.rootSelections.text,
    );
    expect((await client.post(JSON.stringify({ query: "{ __typename }", extensions }))).codes).toEqual([
      "PERSISTED_QUERY_NOT_SUPPORTED",
    ]);
    expect((await client.post(JSON.stringify({ extensions }))).codes).toEqual([
      "PERSISTED_QUERY_NOT_SUPPORTED",
    ]);
  });
});

test("the introspection query passes with every option, as GraphiQL and tools for schemas send it", async () => {
  const every = {
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    experimentalDirectiveDeprecation: true,
    oneOf: true,
  };
  for (const options of [{}, every, { ...every, typeDepth: 14 }])
    expect((await client.run(getIntrospectionQuery(options))).errors).toEqual([]);
});

test("the limits are those that docs/clients.md tells", async () => {
  const page = await readFile(new URL("../../docs/reference/document-limits.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (?:`[a-z-]+`)? \| ([\d,]+) \|/gm)].map(([, most]) => most);
  const all = [...Object.values(documentLimits), variableDepth, variableValues].map(({ most }) =>
    most.toLocaleString("en"),
  );
  expect(rows.sort()).toEqual(all.sort());
});
