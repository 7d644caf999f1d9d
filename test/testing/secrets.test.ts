import { describe, expect, test } from "vitest";
import { defineServer } from "../../src/application/definition.ts";
import { createSecrets } from "../../src/testing/secrets.ts";
import { startTestServer } from "../../src/testing/server.ts";

const asked = (query: string, variables: object = {}) => {
  const secrets = createSecrets();
  secrets.sent({ body: JSON.stringify({ query, variables }) });
  return secrets;
};

describe("a password of Graphward's own fields is found in a log:", () => {
  test.each([
    ["in the document", 'mutation { login(username: "eve", password: "hunter-of-words") { token } }', {}],
    [
      "in a variable",
      'mutation ($p: String!) { it: login(username: "eve", password: $p) { token } }',
      { p: "hunter-of-words" },
    ],
    [
      "in an input object",
      "mutation ($input: RegisterInput!) { register(input: $input) { message } }",
      { input: { username: "eve", email: "eve@example.org", password: "hunter-of-words" } },
    ],
  ])("%s", (_where, query, variables) => {
    expect(() => asked(query, variables).requireNoneIn('{"text":"hunter-of-words"}\n')).toThrow(
      'The server logged a password or token of a test. The line begins: {"text":"',
    );
  });
});

test("what an application's own fields take, the application may log", () => {
  const query =
    'mutation ($p: String!) { unlockDoor(password: $p, token: "a-door-token") { id } login(username: "evelyn-of-ours", password: "x") { token } }';
  const log = "the door was opened with hunter-of-words, a-door-token, by evelyn-of-ours\n";
  expect(() => asked(query, { p: "hunter-of-words" }).requireNoneIn(log)).not.toThrow();
});

test("a server that has logged a password, a cookie, a token or a link does not close in silence", async () => {
  for (const which of ["password", "cookie", "token", "link"] as const) {
    const server = await startTestServer(defineServer({}));
    const user = await server.createUser({ email: "eve@example.org" });
    const client = await server.logInAs(user);
    await client.run('mutation { requestPasswordReset(email: "eve@example.org") { message } }');
    const { token } = await server.mailbox("eve@example.org").next();
    const secret = {
      password: user.password,
      cookie: [...client.cookies.values()][0],
      token: client.token,
      link: token,
    }[which];
    // As a line of the server's own code would.
    (server.log as string[]).push(`{"msg":"${secret}"}\n`);
    await expect(server.close()).rejects.toThrow(
      /^The server logged (a password( or token)?|a cookie|a token|the link of a mail) of a test/,
    );
  }
});
