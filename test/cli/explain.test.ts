import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { wordsOfCodes, wordsOfReasons } from "../../src/cli/explain/words.ts";
import { errorTable, refusalReasons } from "../../src/errors.ts";
import { fingerprintOf } from "../../src/tracing/fingerprint.ts";
import { type Answer, Client, logInAs } from "../harness/client.ts";
import { graphward } from "../harness/process.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { LogInDocument, PrivateDocument } from "../operations/generated/graphql.ts";

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApp({ RATE_LIMITS: "login.account=2/15m,reset.ip=1000/1s" });
  user = await app.createUser();
});
afterAll(() => app.close());

const idOf = ({ headers }: Pick<Answer<unknown>, "headers">) => headers.get("x-request-id") ?? "";
const isLogged = (id: string) =>
  app.log.some((line) => line.includes(id) && line.includes('"msg":"request"'));

/** What the command prints, from the log of the server on its standard input. */
const explain = async (answer: Pick<Answer<unknown>, "headers">) => {
  const id = idOf(answer);
  await expect.poll(() => isLogged(id)).toBe(true);
  const { status, stdout, stderr } = await graphward(["explain", id, "--log", "-"], {
    on: app,
    input: `not of ours\n2026-11-28T18:00:00Z stdout F ${app.log.join("")}`,
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`Request ${id}\n  when     20`);
  return stdout;
};
const lineOf = (text: string, name: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`  ${name} `))
    .map((line) => line.slice(11))
    .join("\n");

describe("a refusal in words:", () => {
  test("no credential", async () => {
    const text = await explain(await new Client(app).run("{ private { message } }"));
    expect(lineOf(text, "who")).toBe("address 127.0.0.1, nobody logged in");
    expect(lineOf(text, "asked")).toBe("POST /graphql: status 200");
    expect(lineOf(text, "refused")).toBe(
      "UNAUTHENTICATED at private: the field is private, and the request had neither a token nor a session cookie",
    );
    expect(lineOf(text, "read")).toBe("docs/clients.md#choose-a-mode");
  });

  test("a token whose session has expired", async () => {
    const client = await logInAs(app, await app.createUser());
    await sql`update graphward.sessions set idle_expires_at = now() - interval '1 hour'
      where token_digest is not null`.execute(app.database);
    const answer = await client.run(PrivateDocument);
    expect(answer.status).toBe(401);
    const text = await explain(answer);
    expect(lineOf(text, "refused")).toMatch(
      /^UNAUTHENTICATED: the token is well formed, but it opens nothing: its session expired at 20\S+Z, because it was not used$/,
    );
    expect(text).not.toContain(client.token);
  });

  test("a cookie whose session was revoked, a token that never was, and one that is no token", async () => {
    const client = await logInAs(app, await app.createUser(), "SESSION");
    await sql`delete from graphward.sessions`.execute(app.database);
    expect(lineOf(await explain(await client.run(PrivateDocument)), "refused")).toContain(
      "the request had a session cookie, but it opens nothing: no row has it any more",
    );
    const unknown = new Client(app, { token: makeToken("gws_") });
    expect(lineOf(await explain(await unknown.run(PrivateDocument)), "refused")).toContain(
      "or was never issued",
    );
    const malformed = new Client(app, { token: "marguerite" });
    expect(lineOf(await explain(await malformed.run(PrivateDocument)), "refused")).toContain(
      "the header has no token that this server could have issued",
    );
  });

  test("a page of another site, with the origin that is missing in ALLOWED_ORIGINS", async () => {
    const answer = await new Client(app).post('{"query":"{ public { message } }"}', {
      origin: "https://shop.example",
    });
    expect(lineOf(await explain(answer), "refused")).toBe(
      "CROSS_SITE_REQUEST: cross-site request: its origin is not in ALLOWED_ORIGINS: https://shop.example",
    );
    const forged = await new Client(app).post('{"query":"{ public { message } }"}', {
      origin: "https://shop.example/marguerite",
    });
    expect(await explain(forged)).not.toContain("marguerite");
  });

  test("a rate limit, and when it is free again", async () => {
    const wrong = { username: user.username, password: "wrong marguerite", mode: "TOKEN" } as const;
    let answer = await new Client(app).run(LogInDocument, wrong);
    expect(lineOf(await explain(answer), "refused")).toContain(`the proof of user ${user.id} was wrong`);
    expect(lineOf(await explain(answer), "who")).toContain(`trying to log in as user ${user.id}`);
    while (!answer.codes.includes("RATE_LIMITED")) answer = await new Client(app).run(LogInDocument, wrong);
    const text = await explain(answer);
    expect(lineOf(text, "refused")).toMatch(
      /^RATE_LIMITED at login: rate limit spent: login\.account: free again at 20\S+Z$/,
    );
    expect(lineOf(text, "do")).toContain("graphward user unlock");
  });

  test("a missing permission, a missing scope, and the event that records it", async () => {
    const own = await app.createUser();
    const text = await explain(await (await logInAs(app, own)).run("{ users(first: 1) { nodes { id } } }"));
    expect(lineOf(text, "who")).toBe(`address 127.0.0.1, user ${own.id}`);
    expect(lineOf(text, "refused")).toContain("FORBIDDEN at users: the user has no role or permission");
    expect(lineOf(text, "event")).toMatch(/ ACCESS_REFUSED user .*"field": ?"users"/);
    const script = await createScript(app, own, ["profile:read"]);
    expect(
      lineOf(await explain(await script.client.run("{ auditEvents(first: 1) { nodes { id } } }")), "refused"),
    ).toBe(
      "FORBIDDEN at auditEvents: the access token has no scope for this field, or an impersonator may not use it",
    );
  });

  test("rules of the input, and limits of a document, without what was typed", async () => {
    const broken = await new Client(app).run(
      `mutation { register(input: { username: "?", email: "marguerite", password: "short" }) { message } }`,
    );
    const text = await explain(broken);
    expect(lineOf(text, "refused")).toMatch(
      /^BAD_USER_INPUT at register: the input breaks rules: username \w+/,
    );
    expect(text).not.toContain("marguerite");
    const aliases = Array.from({ length: 40 }, (_, index) => `a${index}: public { message }`).join(" ");
    expect(lineOf(await explain(await new Client(app).run(`{ ${aliases} }`)), "refused")).toMatch(
      /^GRAPHQL_VALIDATION_FAILED: the document or its variables exceed a limit: A document can have at most/,
    );
  });

  test("nothing was refused", async () => {
    const text = await explain(await new Client(app).run("{ public { message } }"));
    expect(lineOf(text, "refused")).toBe("no: it has no error code");
  });
});

test("a document that is refused a hundred times has five reasons in the log", async () => {
  const fields = Array.from({ length: 9 }, (_, index) => `a${index}: private { message }`).join(" ");
  const answer = await new Client(app).run(`{ ${fields} }`);
  expect(answer.codes).toHaveLength(9);
  expect(lineOf(await explain(answer), "refused").split("\n")).toHaveLength(5);
});

test("without a log, the security events alone; with --json, for programs", async () => {
  const own = await app.createUser();
  const refused = await (await logInAs(app, own)).run("{ users(first: 1) { nodes { id } } }");
  await expect
    .poll(
      async () =>
        (
          await app.database
            .selectFrom("audit_events")
            .select("id")
            .where("request_id", "=", idOf(refused))
            .execute()
        ).length,
    )
    .toBe(1);
  const { stdout, status } = await graphward(["explain", idOf(refused), "--json"], { on: app });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ requests: [], events: [{ userId: own.id }] });
});

test("an id that nothing knows is one line, and exit status 1", async () => {
  const alone = await graphward(["explain", "583e3702-9719-4235-9b46-e662c97a3699"], { on: app });
  expect([alone.status, alone.stdout]).toEqual([1, ""]);
  expect(alone.stderr).toContain("No security event has this request id. Give the log of the server too");
  const both = await graphward(["explain", "583e3702-9719-4235-9b46-e662c97a3699", "--log", "-"], {
    on: app,
    input: app.log.join(""),
  });
  expect(both.status).toBe(1);
  expect(both.stderr).toContain("Neither the log nor a security event has this request id.");
  const missing = await graphward(
    ["explain", "583e3702-9719-4235-9b46-e662c97a3699", "--log", "/nowhere/log"],
    { on: app },
  );
  expect([missing.status, missing.stderr]).toEqual([
    1,
    "graphward: --log: /nowhere/log cannot be read: there is no such file.\n",
  ]);
});

test("--fingerprint prints the statement that has it", async () => {
  const statements = ["select 1", 'select "id" from "graphward"."users" where "id" = $1'];
  const { digest } = fingerprintOf(statements[1] ?? "");
  const run = (wanted: string) =>
    graphward(["explain", "--fingerprint", wanted], { input: `${statements.join("\n\0")}\n\0` });
  expect((await run(digest)).stdout).toBe(`${statements[1]}\n`);
  expect(await run("000000000000")).toMatchObject({
    status: 1,
    stderr: "graphward: None of these 2 statements has this fingerprint.\n",
  });
});

test("every error code and every reason has its words, and each points to a heading that exists", async () => {
  expect(Object.keys(wordsOfCodes).sort()).toEqual(Object.keys(errorTable).sort());
  expect(Object.keys(wordsOfReasons).sort()).toEqual([...refusalReasons].sort());
  for (const { why, read, todo } of [...Object.values(wordsOfCodes), ...Object.values(wordsOfReasons)]) {
    expect(why.length * todo.length).toBeGreaterThan(0);
    const [page = "", anchor] = read.split("#");
    const text = await readFile(join(import.meta.dirname, "../..", page), "utf8");
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    if (anchor !== undefined) expect([read, headings.includes(anchor)]).toEqual([read, true]);
  }
});
