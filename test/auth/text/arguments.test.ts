import {
  type GraphQLArgument,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cursorOf } from "../../../src/auth/page.ts";
import { buildGuardedSchema } from "../../../src/schema/build.ts";
import { type Answer, Client } from "../../harness/client.ts";
import { leaks } from "../../harness/logs/leaks.ts";
import { type RootField, rootFieldsOf, sampleOf, writeField } from "../../harness/root-fields.ts";
import { type App, startApp } from "../../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** As we would write them for each list, around keys that are none. */
const hostileCursors = ["audit", "users", "found-users"].flatMap((list) =>
  ["", "nonsense", "0", "-1", "1.5", "1e3", "9223372036854775808", "9".repeat(19), "a\0", "'"].map((key) =>
    cursorOf(list, key),
  ),
);

/** As JSON, and as such nearly all literals too. */
const values: readonly string[] = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e400",
  "-0",
  "2147483647",
  "2147483648",
  "9223372036854775808",
  `1${"0".repeat(400)}`,
  '""',
  '" "',
  '"1"',
  '"-1"',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  `"${"x".repeat(10_000)}"`,
  `"${"9".repeat(5_000)}"`,
  '"\'; drop table users; --"',
  '"%_\\\\"',
  '"00000000-0000-0000-0000-000000000000"',
  '"{01a20a74-3799-72b9-aebe-5351f4839174}"',
  '"01a20a74379972b9aebe5351f4839174"',
  '"01A20A74-3799-72B9-AEBE-5351F4839174"',
  '"2020-02-30T00:00:00Z"',
  '"infinity"',
  '"292278994-01-01T00:00:00Z"',
  "[]",
  "[null]",
  "[[1]]",
  '["", "\\u0000"]',
  `[${Array.from({ length: 120 }, () => "1").join(",")}]`,
  "{}",
  '{"$ne":null}',
  '{"__proto__":{"admin":true}}',
  '{"toString":1,"constructor":{"prototype":1}}',
];

/** A cursor is a text to every argument but `after`. */
const valuesFor = (place: Place): readonly string[] =>
  kindOf(place) === "cursor" ? [...values, ...hostileCursors.map((cursor) => `"${cursor}"`)] : values;

/** Literals have names where JSON has texts, and names have no dollar sign. */
const asLiteral = (value: string): string => value.replaceAll(/"\$?(\w+)":/g, "$1:");

const literalsOnly = ["UNKNOWN", "NONSENSE", "__typename", '"""a\\u0000\nb"""', "$undefined"];

interface Place {
  readonly path: string;
  readonly argument: GraphQLArgument;
  readonly type: GraphQLInputType;
  /** The whole argument, with a value at this place. */
  readonly write: (value: string) => string;
}

/** The argument itself, and each field of an input object. */
const placesOf = (argument: GraphQLArgument): readonly Place[] => {
  const { name, type } = argument;
  const itself = { path: name, argument, type, write: (value: string) => value };
  const input = getNamedType(type);
  if (!isInputObjectType(input)) return [itself];
  const fields = Object.values(input.getFields());
  return [
    itself,
    ...fields.map((field) => ({
      path: `${name}.${field.name}`,
      argument,
      type: field.type,
      write: (value: string) =>
        `{ ${fields.map((it) => `${it.name}: ${it === field ? value : sampleOf(it.type)}`).join(" ")} }`,
    })),
  ];
};

const places = rootFieldsOf(buildGuardedSchema().schema).flatMap((it) =>
  it.field.args.flatMap(placesOf).map((place) => [`${it.coordinate}(${place.path}:)`, it, place] as const),
);

const write = ({ operation, field }: RootField, { argument, write: around }: Place, value: string) =>
  writeField(operation, field, { [argument.name]: around(value) });

const byVariable = (field: RootField, place: Place): string =>
  write(field, place, "$value").replace(/^\w+/, (operation) => `${operation}($value: ${place.type})`);

const expectAnswer = (name: string, value: string, { status, codes, text }: Answer<unknown>) => {
  const asked = [name, value.slice(0, 60), status, codes[0]];
  expect([200, 400, 429], String(asked)).toContain(status);
  expect(
    codes.filter((code) => code === "INTERNAL_SERVER_ERROR" || code === "SERVICE_UNAVAILABLE"),
    String(asked),
  ).toEqual([]);
  expect(text, String(asked)).not.toMatch(leaks);
};

const expectAnswers = async (name: string, field: RootField, place: Place) => {
  const client = new Client(app);
  const user = await app.createUser({ roles: ["ADMIN"] });
  await client.logIn(user, "TOKEN");
  for (const value of [...valuesFor(place).map(asLiteral), ...literalsOnly])
    expectAnswer(name, value, await client.run(write(field, place, value)));
  for (const value of valuesFor(place)) {
    const body = `{"query":${JSON.stringify(byVariable(field, place))},"variables":{"value":${value}}}`;
    expectAnswer(name, value, await client.post(body));
  }
  expect((await new Client(app).run("{ public { message } }")).codes).toEqual([]);
};

const kindOf = ({ path, type }: Place): string => {
  const named = getNamedType(type);
  if (path === "after") return "cursor";
  return isEnumType(named) ? "enum" : named.name;
};
const placesOfKind = (...kinds: readonly string[]) =>
  places.filter(([, , place]) => kinds.includes(kindOf(place)));

const kindsOfItsOwn = ["ID", "Int", "cursor", "enum"];

describe("no ID is a 5xx or reaches PostgreSQL unread, as a literal and as a variable:", () => {
  test.each(placesOfKind("ID"))("%s", expectAnswers);
});

describe("no number, cursor or value of an enum is a 5xx or reaches PostgreSQL unread:", () => {
  test.each(placesOfKind("Int", "cursor", "enum"))("%s", expectAnswers);

  test("each of these kinds is among the arguments", () => {
    for (const kind of kindsOfItsOwn) expect([kind, placesOfKind(kind).length > 0]).toEqual([kind, true]);
  });
});

describe("no text, list or object is a 5xx or reaches PostgreSQL unread:", () => {
  test.each(places.filter(([, , place]) => !kindsOfItsOwn.includes(kindOf(place))))("%s", expectAnswers);
});

test("no value of any argument was an error for the log", () => {
  expect(app.log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
