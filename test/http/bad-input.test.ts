import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { leaks } from "../harness/logs/leaks.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApp();
  user = await app.createUser({ username: "müller", email: "mueller@example.com" });
});
afterAll(() => app.close());

const client = () => new Client(app);
const login = (variables: object) =>
  client().post(
    JSON.stringify({
      query:
        "mutation($username: String!, $password: String!) { login(username: $username, password: $password) { userId } }",
      variables,
    }),
  );

/** Whatever came before, the next honest request succeeds. */
const expectStillServing = async () =>
  expect((await client().run(LogInDocument, user)).data?.login?.userId).toBe(user.id);

describe("a failed login", () => {
  test("has one answer for wrong password, unknown user, deactivated user and user without password", async () => {
    const deactivated = await app.createUser();
    await app.database
      .updateTable("users")
      .set({ is_active: false })
      .where("id", "=", deactivated.id)
      .execute();
    const passwordless = await app.createUser();
    await app.database
      .updateTable("users")
      .set({ password_hash: null })
      .where("id", "=", passwordless.id)
      .execute();

    const answers = [
      await login({ username: user.username, password: "not the right password" }),
      await login({ username: "nobody-of-this-name", password: user.password }),
      await login({ username: "nobody@example.com", password: user.password }),
      await login(deactivated),
      await login(passwordless),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(JSON.parse(answer.text)).toEqual({
        errors: [
          {
            message: "Unable to log in with provided credentials.",
            locations: [{ line: 1, column: 52 }],
            path: ["login"],
            extensions: { code: "INVALID_CREDENTIALS" },
          },
        ],
        data: { login: null },
      });
    }
    expect(await app.database.selectFrom("sessions").select("id").execute()).toEqual([]);
  });

  test("leaves the session and the cookie that came with it", async () => {
    const jar = client();
    await jar.logIn(user, "SESSION");
    await jar.run(LogInDocument, { ...user, password: "not the right password" });
    expect(
      (await jar.post<{ viewer: unknown }>('{"query":"{ viewer { id } }"}')).data?.viewer,
    ).not.toBeNull();
  });
});

describe("hostile values of username and password", () => {
  const values = [
    "\u0000",
    "a\u0000b",
    "\ud800",
    "a\udfff",
    "",
    " ",
    "'; drop table users; --",
    "%",
    "x".repeat(50_000),
    "@",
    "a@",
    "@b",
    "a@b@c",
    "\u202eadmin",
    "ﬁ",
    "𝐚𝐝𝐦𝐢𝐧",
    "{}",
    "\uffff",
    "🤷‍♀️",
  ];

  test("answer INVALID_CREDENTIALS, or BAD_USER_INPUT for what no text may hold", async () => {
    for (const value of values) {
      for (const variables of [
        { username: value, password: user.password },
        { username: user.username, password: value },
      ]) {
        const answer = await login(variables);
        const expected =
          value.includes("\u0000") || !value.isWellFormed() ? "BAD_USER_INPUT" : "INVALID_CREDENTIALS";
        expect([value.slice(0, 20), answer.status, answer.codes]).toEqual([
          value.slice(0, 20),
          200,
          [expected],
        ]);
        expect(answer.text).not.toMatch(leaks);
      }
    }
    await expectStillServing();
  });

  test("name the argument that cannot be stored", async () => {
    const { errors } = await login({ username: "a\u0000b", password: "\ud800" });
    expect(errors[0]?.extensions.fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: "username", rule: "well_formed" }),
        expect.objectContaining({ field: "password", rule: "well_formed" }),
      ]),
    );
  });

  test.each([[{ $ne: null }], [["a"]], [1], [true], [null], [undefined]])(
    "refuse %j where a text belongs, without repeating it",
    async (value) => {
      const canary = "the-real-password";
      for (const variables of [
        { username: value, password: canary },
        { username: "alice", password: value ?? null },
        { username: "alice", password: { a: canary } },
      ]) {
        const answer = await login(variables);
        expect([answer.status, answer.codes]).toEqual([400, expect.arrayContaining(["BAD_USER_INPUT"])]);
        expect(answer.text).not.toContain(canary);
        expect(answer.text).not.toMatch(leaks);
      }
      await expectStillServing();
    },
  );

  test("of 10 MB are refused before anything is computed", async () => {
    expect((await login({ username: user.username, password: "x".repeat(10_000_000) })).status).toBe(413);
    await expectStillServing();
  });
});

test("a variable that is missing or of the wrong type is named, with the rule", async () => {
  const fieldsOf = async (variables: object) => (await login(variables)).errors[0]?.extensions.fields;
  expect(await fieldsOf({ username: "a" })).toMatchObject([{ field: "password", rule: "required" }]);
  expect(await fieldsOf({ username: 1, password: "b" })).toMatchObject([{ field: "username", rule: "type" }]);
});

describe("hostile documents", () => {
  const refused: Record<string, [status: number, code: string]> = {
    "{": [400, "GRAPHQL_PARSE_FAILED"],
    "{ publik { message } }": [400, "GRAPHQL_VALIDATION_FAILED"],
    "{ public { massage } }": [400, "GRAPHQL_VALIDATION_FAILED"],
    "{ public(mesage: 1) { message } }": [400, "GRAPHQL_VALIDATION_FAILED"],
    'mutation { login(username: "a", password: "b", mode: TOKAN) { userId } }': [
      400,
      "GRAPHQL_VALIDATION_FAILED",
    ],
    'mutation { login(username: 1, password: ["b"]) { userId } }': [400, "GRAPHQL_VALIDATION_FAILED"],
    'mutation { login(username: "\\u0000", password: "b") { userId } }': [200, "BAD_USER_INPUT"],
    "query A { public { message } } query B { public { message } }": [400, "BAD_REQUEST"],
    "subscription { public { message } }": [400, "GRAPHQL_VALIDATION_FAILED"],
  };

  test.each(Object.keys(refused))("%s is refused without a suggestion", async (query) => {
    const answer = await client().run(query);
    expect([answer.status, answer.codes[0]]).toEqual(refused[query]);
    expect(answer.text).not.toMatch(/did you mean/i);
    expect(answer.text).not.toMatch(leaks);
    await expectStillServing();
  });

  test("an unknown operation name is a bad request", async () => {
    const answer = await client().post('{"query":"query A { public { message } }","operationName":"B"}');
    expect([answer.status, answer.codes]).toEqual([400, ["BAD_REQUEST"]]);
  });

  test("a null for an argument that has a default is bad input", async () => {
    const query = 'mutation($m: LoginMode) { login(username: "a", password: "b", mode: $m) { userId } }';
    const answer = await client().post(JSON.stringify({ query, variables: { m: null } }));
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
  });
});
