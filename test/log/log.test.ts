import { connect } from "node:net";
import { expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { untilBlocked, withLockedAccounts } from "../harness/database/database-locks.ts";
import { readPostgresLog, sizeOfPostgresLog } from "../harness/logs/postgres-log.ts";
import { startApp } from "../harness/server.ts";
import { LogInDocument, LogOutDocument, PrivateDocument } from "../operations/generated/graphql.ts";

test("no secret, no variable and no literal is in the log at its loudest, nor in PostgreSQL's", async () => {
  const begun = sizeOfPostgresLog();
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
  const theirs = await readPostgresLog(begun);
  expect(theirs).toContain("duplicate key");
  for (const log of [ours, theirs]) {
    expect(log).not.toContain("canary");
    expect(log).not.toContain("$argon2");
    for (const secret of secrets) expect(log).not.toContain(secret);
  }
});

test("no secret of a link, no document and no password of an address is in the path, whatever sign stands before it", async () => {
  const app = await startApp();
  const targets = [
    ...["?", "#", "%23", ";", "%3B", "%3f", "&", "%2523", "=", "%20", "@", ":"].flatMap((sign) => [
      `/account/verify${sign}token=canary`,
      `/graphql${sign}query={public{message(a:canary)}}`,
    ]),
    "http://canary:canary@host/account/verify#canary",
    "http://canary:canary@host:99999/",
    "ftp://canary:canary@host/",
  ];
  for (const target of targets) await sendBytes(app, writeRequest(`GET ${target}`));
  await sendBytes(app, writeRequest("GET http://canary:canary@host/", { host: undefined }));
  await app.close();
  const paths = app.log
    .map((line) => JSON.parse(line))
    .flatMap(({ msg, path }) => (msg === "request" ? [path] : []));
  expect(paths).toHaveLength(targets.length + 1);
  expect(new Set(paths)).toEqual(new Set(["/account/verify", "/graphql", ""]));
  expect(app.log.join("")).not.toContain("canary");
});

test("a token is in no line, also where a client put it by mistake: in a path, or as an operation's name", async () => {
  const app = await startApp();
  const user = await app.createUser();
  const client = new Client(app);
  await client.logIn(user, "TOKEN");
  const { token } = client;
  // Twice: the second time by the fast path.
  for (const _ of [1, 2]) await client.run(`query ${token} { private { message } }`);
  await client.run(`query Of_${token}_ { private { message } }`);
  await sendBytes(app, writeRequest(`GET /elsewhere/${token}`));
  await app.close();
  const lines = app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  expect(lines.slice(1).map(({ operationName, path }) => [operationName, path])).toEqual([
    ["gws_...", "/graphql"],
    ["gws_...", "/graphql"],
    ["Of_gws_..._", "/graphql"],
    [undefined, "/elsewhere/gws_..."],
  ]);
  expect(app.log.join("")).not.toContain(token);
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
  // It has a trace too when an SDK is loaded.
  const { trace_id: _, ...second } = lines[1];
  expect(second).toEqual({
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

test("a request whose client hangs up is a line with its operation and its outcome too", async () => {
  const app = await startApp();
  const { username } = await app.createUser();
  const query = `mutation Guess { login(username: "${username}", password: "not the right one") { userId } }`;
  const body = JSON.stringify({ query });
  const request = writeRequest("POST /graphql", { "content-type": "application/json" }, body);
  const hangUp = async (bytes: string, isRunning: () => Promise<void>) => {
    const socket = connect(app.server.port, "127.0.0.1").on("error", () => undefined);
    socket.write(bytes);
    await isRunning();
    socket.resetAndDestroy();
    // The server has seen it by then.
    await new Client(app).run("query Other { public { message } }");
  };
  await withLockedAccounts(app, () => hangUp(request, () => untilBlocked(app)));
  const linesOf = (method: string) =>
    app.log
      .map((line) => JSON.parse(line))
      .filter((line) => line.msg === "request" && line.method === method);
  await expect
    .poll(() => linesOf("POST").find(({ operationName }) => operationName === "Guess"))
    .toMatchObject({ status: 200, finished: false, outcomes: ["INVALID_CREDENTIALS"] });
  // In the middle of its body.
  await hangUp(request.slice(0, -9), async () => {
    await new Client(app).run("query Other { public { message } }");
  });
  await expect
    .poll(() => linesOf("POST"))
    .toContainEqual(expect.objectContaining({ status: 400, finished: false }));
  await app.close();
});

test("a refusal or a limit is a line with its code and the address", async () => {
  const app = await startApp({ RATE_LIMITS: "login.ip=1/1h" });
  const user = await app.createUser();
  const client = new Client(app);
  const wrong = { ...user, password: "not the right one" };
  await client.run(LogInDocument, wrong);
  await client.run(LogInDocument, wrong);
  await new Client(app, { token: makeToken("gws_") }).run(PrivateDocument);
  await client.run(PrivateDocument);
  await client.run("{ nonsense }");
  await client.run("{");
  await client.post("no JSON");
  await client.post("{}", { "content-type": "text/plain" });
  await client.post("{}", { "sec-fetch-site": "cross-site" });
  await client.post(" ".repeat(200_000));
  await client.send({ method: "PUT" });
  await client.send({ path: "/elsewhere" });
  await app.close();

  const outcomes = app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  expect(outcomes.map((line) => line.outcomes)).toEqual(
    [
      "INVALID_CREDENTIALS",
      "RATE_LIMITED",
      "UNAUTHENTICATED",
      "UNAUTHENTICATED",
      "GRAPHQL_VALIDATION_FAILED",
      "GRAPHQL_PARSE_FAILED",
      "BAD_REQUEST",
      "UNSUPPORTED_MEDIA_TYPE",
      "CROSS_SITE_REQUEST",
      "PAYLOAD_TOO_LARGE",
      "METHOD_NOT_ALLOWED",
      "NOT_FOUND",
    ].map((code) => [code]),
  );
  for (const { address } of outcomes) expect(address).toBe("127.0.0.1");
});

test("what a user may not do is a line that names the user", async () => {
  const app = await startApp();
  const user = await app.createUser();
  const client = new Client(app);
  await client.logIn(user);
  await client.run("{ users { nodes { id } } }");
  await app.close();
  expect(JSON.parse(app.log.at(-1) ?? "")).toMatchObject({ userId: user.id, outcomes: ["FORBIDDEN"] });
});
