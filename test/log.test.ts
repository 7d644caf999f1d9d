import { readFile } from "node:fs/promises";
import { expect, inject, test } from "vitest";
import { Client } from "./harness/client.ts";
import { startApp } from "./harness/server.ts";
import { LogInDocument, LogOutDocument, PrivateDocument } from "./operations/generated/graphql.ts";

test("no secret, no variable and no literal is in the log at its loudest, nor in PostgreSQL's", async () => {
  const app = await startApp({ LOG_LEVEL: "trace", PUBLIC_URL: "" });
  const user = await app.createUser({ username: "canary-user", password: "canary-password-1" });
  const client = new Client(app);
  await client.logIn(user);
  const secrets = [
    client.token ?? "",
    ...client.cookies.values(),
    decodeURIComponent(client.cookies.get("graphward") ?? "").slice(2, 45),
  ];

  await client.run(PrivateDocument);
  await client.run(LogInDocument, { username: "canary-unknown", password: "canary-password-2" });
  await client.run(
    'mutation { login(username: "canary-literal", password: "canary-password-3") { userId } }',
  );
  await client.send({
    path: `?query=${encodeURIComponent('{ public { message } nonsense(a: "canary-query") }')}`,
  });
  await client.post('{"query": "canary-broken');
  await client.post("{}", { authorization: "Token canary-header", "user-agent": "canary-agent" });
  await client.run("mutation { logout { message } }", { canary: "canary-variable" });
  await client.run(LogOutDocument);
  // A statement that fails: PostgreSQL would print the key, or the whole row, if we let it.
  await app.createUser({ username: "CANARY-USER", password: "canary-password-4" }).catch(() => undefined);
  const row = {
    id: user.id,
    username: "canary-name",
    canonical_username: "canary-name",
    password_hash: "canary-hash",
  };
  await expect(
    app.database
      .insertInto("users")
      .values({ ...row, roles: [] })
      .execute(),
  ).rejects.toThrow("duplicate key");
  await app.close();

  const ours = app.log.join("");
  expect(app.log.length).toBeGreaterThan(8);
  const theirs = await readFile(inject("postgresLog"), "utf8");
  expect(theirs).toContain("duplicate key");
  for (const log of [ours, theirs]) {
    expect(log).not.toContain("canary");
    expect(log).not.toContain("$argon2");
    for (const secret of secrets) expect(log).not.toContain(secret);
  }
});

test("each request is one line with id, address, user, operation and outcome", async () => {
  const app = await startApp();
  const user = await app.createUser();
  const client = new Client(app);
  await client.logIn(user);
  const answer = await client.run("query Mine { private { message } secrets: sessions { id } }");
  client.token = null;
  await new Client(app).run("query Theirs { private { message } }");
  await client.run(`query ${"Long".repeat(100)} { private { message } }`);
  await new Client(app).post("{}", { authorization: "Token x" });
  await app.close();

  const lines = app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  expect(lines).toHaveLength(5);
  expect(lines[1]).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    requestId: answer.headers.get("x-request-id"),
    method: "POST",
    path: "/graphql",
    status: 200,
    finished: true,
    milliseconds: expect.any(Number),
    address: "127.0.0.1",
    userId: user.id,
    operationName: "Mine",
    msg: "request",
  });
  expect(lines[2]).toMatchObject({ operationName: "Theirs", outcomes: ["UNAUTHENTICATED"] });
  // By its cookie.
  expect(lines[3].userId).toBe(user.id);
  expect(lines[3].operationName).toHaveLength(100);
  expect(lines[4]).toMatchObject({ status: 401, outcomes: ["UNAUTHENTICATED"] });
});
