import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeToken } from "../../../src/auth/secrets/secret.ts";
import { Client } from "../../harness/client.ts";
import { sendBytes, writeRequest } from "../../harness/connections/socket.ts";
import { noteAnswer } from "../../harness/logs/canaries.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { PrivateDocument, PublicDocument, ViewerDocument } from "../../operations/generated/graphql.ts";

let app: App;
let user: User;
let client: Client;

beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
});
afterAll(() => app.close());
beforeEach(async () => {
  client = new Client(app);
  await client.logIn(user);
});

const asking = (authorization: string) =>
  new Client(app).post<{ viewer: { username: string } | null }>(
    '{"query":"{ public { message } viewer { username } }"}',
    {
      authorization,
    },
  );

describe("an Authorization header", () => {
  test.each(["Token", "Bearer", "token", "BEARER", "bEaReR"])(
    "with the scheme %s is the viewer",
    async (scheme) => {
      expect((await asking(`${scheme} ${client.token}`)).data?.viewer?.username).toBe(user.username);
    },
  );

  const refused: Record<string, (token: string) => string> = {
    "an unknown token": () => `Token ${makeToken("gws_")}`,
    "a mistyped token": (token) => `Token ${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`,
    "a token in small letters": (token) => `Token ${token.toLowerCase()}`,
    "another scheme": () => `Basic ${btoa("user:password")}`,
    "a good token under another scheme": (token) => `Basic ${token}`,
    "no scheme": (token) => token,
    "two tokens": (token) => `Token ${token}, Token ${token}`,
    "a session id": () => `Token ${decodeURIComponent(client.cookies.get("graphward") ?? "").slice(2, 45)}`,
  };
  test.each(Object.keys(refused))("with %s refuses the whole request, open fields too", async (name) => {
    const answer = await asking(refused[name]?.(client.token ?? "") ?? "");
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(JSON.parse(answer.text)).toEqual({
      errors: [{ message: "Invalid token.", extensions: { code: "UNAUTHENTICATED" } }],
    });
  });

  test.each(["", "Bearer", "Bearer ", "bearer   ", "Token", "TOKEN "])(
    "without a credential (%j), as clients without a token send it, is anonymous",
    async (authorization) => {
      const body = JSON.stringify({
        query:
          "mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { user { username } } }",
        variables: { u: user.username, p: user.password },
      });
      // Node's fetch would cut the spaces off.
      const answer = await sendBytes(
        app,
        writeRequest("POST /graphql", { authorization, "content-type": "application/json" }, body),
      );
      noteAnswer(answer.headers.getSetCookie(), answer.body);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ data: { login: { user: { username: user.username } } } });
      expect((await asking(authorization)).data?.viewer).toBeNull();
    },
  );

  test.each([
    "Bearer null",
    "Bearer undefined",
    "Token null",
    "undefined",
    "null",
    "bearer [object Object]",
    "Bearer [object Promise]",
    "Bearer false",
    "Bearer NaN",
  ])(
    "with the word that stands for no token (%s) is refused, and says what the client did",
    async (authorization) => {
      const answer = await asking(authorization);
      expect([answer.status, answer.codes]).toEqual([401, ["UNAUTHENTICATED"]]);
      expect(answer.errors[0]?.message).toBe(
        "Invalid token. The client sent a word such as null or undefined instead of a token. Without a token, it must leave the header out.",
      );
    },
  );

  test("that comes twice refuses the request, whichever of the two is good", async () => {
    const body = '{"query":"{ viewer { username } }"}';
    const socket = connect(app.server.port, "127.0.0.1");
    const header = `Authorization: Token ${client.token}`;
    const lines = [
      "POST /graphql HTTP/1.1",
      "Host: localhost",
      header,
      header,
      "Content-Type: application/json",
    ];
    socket.end([...lines, `Content-Length: ${body.length}`, "Connection: close", "", body].join("\r\n"));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test("decides when a cookie comes too", async () => {
    const other = await app.createUser();
    const { token } = await new Client(app).logIn(other, "TOKEN");
    client.token = token ?? null;
    expect((await client.run(ViewerDocument)).data?.viewer?.username).toBe(other.username);
    client.token = makeToken("gws_");
    expect((await client.run(PublicDocument)).status).toBe(401);
  });
});

describe("a session cookie", () => {
  const withCookie = (value: string) =>
    new Client(app, { cookies: new Map([["graphward", value]]) }).run(ViewerDocument);

  test("that is unknown, tampered with or no cookie of ours makes the caller anonymous, without an error", async () => {
    const good = client.cookies.get("graphward") ?? "";
    const unknown = encodeURIComponent(
      `s:${"x".repeat(43)}.${createHmac("sha256", app.config.sessionSecrets[0] ?? "")
        .update("x".repeat(43))
        .digest("base64")
        .replace(/=+$/, "")}`,
    );
    expect((await withCookie(good)).data?.viewer?.username).toBe(user.username);
    for (const value of [
      unknown,
      `${good.slice(0, -1)}~`,
      good.replace("s%3A", ""),
      client.token ?? "",
      "",
      "%E0%A4%A",
      "s%3A.",
      "x".repeat(4000),
    ]) {
      const answer = await withCookie(value);
      expect([answer.status, answer.codes, answer.data?.viewer]).toEqual([200, [], null]);
    }
  });
});

test("the caller is found once a request: what the request itself ends, it still may finish", async () => {
  client.token = null;
  const twice = await client.run("mutation { logout { message } again: logout { message } }");
  expect(twice.codes).toEqual([]);
  expect((await client.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
});

describe("a session", () => {
  const move = (columns: Partial<Record<"idle_expires_at" | "absolute_expires_at" | "last_used_at", Date>>) =>
    app.database.updateTable("sessions").set(columns).where("user_id", "=", user.id).execute();
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

  // The rows are moved behind the server's back: it hears of that a moment later.
  test.each(["idle_expires_at", "absolute_expires_at"] as const)(
    "ends when %s has passed, for both its credentials",
    async (column) => {
      const withCookie = new Client(app, { cookies: client.cookies });
      await withCookie.run(PrivateDocument);
      await move({ [column]: ago(1) });
      await expect.poll(async () => (await client.run(PrivateDocument)).status).toBe(401);
      await expect.poll(async () => (await withCookie.run(ViewerDocument)).data?.viewer).toBeNull();
    },
  );

  test("is prolonged by a use, never past its absolute end, and written down once a minute at most", async () => {
    const read = () =>
      app.database
        .selectFrom("sessions")
        .selectAll()
        .where("user_id", "=", user.id)
        .orderBy("created_at", "desc")
        .executeTakeFirstOrThrow();
    const before = await read();
    await client.run(PrivateDocument);
    expect((await read()).last_used_at).toEqual(before.last_used_at);

    const end = new Date(Date.now() + 86_400_000);
    await move({
      last_used_at: ago(61),
      idle_expires_at: new Date(Date.now() + 60_000),
      absolute_expires_at: end,
    });
    const use = async () => {
      await client.run(PrivateDocument);
      return read();
    };
    await expect.poll(async () => Date.now() - (await use()).last_used_at.getTime()).toBeLessThan(30_000);
    expect((await read()).idle_expires_at).toEqual(end);
  });

  test("is prolonged by the idle life of its credentials, and no other session with it", async () => {
    const owner = await app.createUser();
    const [browser, phone] = [new Client(app), new Client(app)];
    await browser.logIn(owner, "SESSION");
    await phone.logIn(owner, "TOKEN");
    const idleDays = async () => {
      const rows = await app.database
        .selectFrom("sessions")
        .selectAll()
        .where("user_id", "=", owner.id)
        .orderBy("created_at")
        .execute();
      return rows.map((row) => Math.round((row.idle_expires_at.getTime() - Date.now()) / 86_400_000));
    };
    await app.database
      .updateTable("sessions")
      .set({ last_used_at: ago(61), idle_expires_at: new Date(Date.now() + 86_400_000) })
      .where("user_id", "=", owner.id)
      .execute();
    await browser.run(PrivateDocument);
    expect(await idleDays()).toEqual([14, 1]);
    await phone.run(PrivateDocument);
    expect(await idleDays()).toEqual([14, 30]);
  });

  test("of a deactivated account is worthless", async () => {
    await client.run(PublicDocument);
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
    await expect.poll(async () => (await client.run(PublicDocument)).status).toBe(401);
    await app.database.updateTable("users").set({ is_active: true }).where("id", "=", user.id).execute();
  });
});
