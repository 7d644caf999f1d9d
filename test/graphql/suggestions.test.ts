import { parse, specifiedRules, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Class } from "../../src/auth/access/rules.ts";
import { resolvers } from "../../src/resolvers/index.ts";
import { buildGuardedSchema } from "../../src/schema/build.ts";
import { ProbeResolver } from "../fast-path/probe-schema.ts";
import { Client } from "../harness/client.ts";
import { type App, startApp } from "../harness/server.ts";

(resolvers as unknown as Class[]).push(ProbeResolver);

let app: App;
let closed: App;
beforeAll(async () => {
  app = await startApp();
  closed = await startApp({ INTROSPECTION: "off" });
});
afterAll(async () => {
  await app?.close();
  await closed?.close();
});

/** Each is nearly right; behind it, what must not be told. */
const documents: Readonly<Record<string, readonly [query: string, secret: string]>> = {
  "a root field": ["{ accessToken { id } }", "accessTokens"],
  "a root field of a mutation": ["mutation { createAccessTokens { token } }", "createAccessToken\\b"],
  "a nested field": ["{ viewer { usernam } }", "username"],
  "a field of another type of an interface": ["{ probe { named { late } } }", "Probe\\b"],
  "a field of a member of a union": ['{ probe { thing(kind: "probe") { late } } }', "Probe\\b"],
  "an argument": ["{ auditEvents(userid: 1) { nodes { id } } }", "userId"],
  "an argument of a directive": ["{ public @skip(if: true, iff: true) { message } }", '"if"'],
  "an enum's value": ["{ auditEvents(type: LOGIN_SUCCEEDE) { nodes { id } } }", "LOGIN_SUCCEEDED"],
  "an enum's value as a text": [
    '{ auditEvents(type: "LOGIN_SUCCEEDED") { nodes { id } } }',
    "the enum value",
  ],
  "an enum's value as a number": ["{ echo(size: 1) }", "SMALL|LARGE"],
  "an enum's value in a default": ["query($m: LoginMode = SESION) { __typename @skip(if: true) }", "SESSION"],
  "a field of an input": ['{ echo(input: { text: "", numbr: 1 }) }', "number"],
  "a field of an input in a list": ['{ echo(input: { texd: "" }) }', '"text"\\?'],
  "the type of a variable": ["query($i: RegisterInpu!) { __typename }", "RegisterInput"],
  "the type of a fragment": ["{ viewer { ...on Use { id } } }", 'User\\b(?!")'],
  "a field that needs a selection": ["{ viewer }", "\\{ \\.\\.\\. \\}"],
  "a field of introspection": ["{ __schema { type { name } } }", "types"],
  "a field of introspection at the root": ["{ __schem { types { name } } }", "__schema"],
  "a directive": ["{ public @skp(if: true) { message } }", "@skip"],
};

const variables: Readonly<Record<string, readonly [query: string, variables: object, secret: string]>> = {
  "an enum's value": ["query($s: Size) { echo(size: $s) }", { s: "SMAL" }, "SMALL"],
  "a field of an input": [
    "query($i: ProbeInput) { echo(input: $i) }",
    { i: { text: "", numbr: 1 } },
    "number",
  ],
  "a field of an input inside another": [
    "query($i: ProbeInput) { echo(input: $i) }",
    { i: { text: "", inner: { text: "", innr: null } } },
    '"inner"\\?',
  ],
};

describe("no answer suggests", () => {
  const expectSilence = async (body: object, secret: string) => {
    for (const server of [app, closed])
      for (let time = 0; time < 2; time += 1) {
        const answer = await new Client(server).post(JSON.stringify(body));
        expect(answer.status).toBe(400);
        expect(answer.text).not.toMatch(/did you mean/i);
        expect(answer.text.replaceAll(/\\"/g, '"')).not.toMatch(new RegExp(secret));
      }
  };

  test.each(Object.keys(documents))("%s", async (name) => {
    const [query = "", secret = ""] = documents[name] ?? [];
    await expectSilence({ query }, secret);
  });

  test.each(Object.keys(variables))("%s, to a variable", async (name) => {
    const [query = "", values = {}, secret = ""] = variables[name] ?? [];
    await expectSilence({ query, variables: values }, secret);
  });
});

test("graphql-js would suggest in most of these, so that the silence is ours", () => {
  const { schema } = buildGuardedSchema();
  const told = Object.values(documents).filter(([query]) =>
    validate(schema, parse(query), specifiedRules).some(({ message }) => /did you mean/i.test(message)),
  );
  expect(told.length).toBeGreaterThan(13);
});
