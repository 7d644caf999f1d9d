import { createClient } from "graphql-ws";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createServer } from "../../src/package/create-server.ts";
import { findFreePort } from "../../src/testing/ports.ts";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import {
  type MessageSocket,
  openMessageSocket,
  type SocketOptions,
} from "../harness/connections/message-socket.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { openStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";
import { hooks, liveApplication } from "./application.ts";

const friend = "https://app.example.org";

let app: App;
let user: User;
let client: Client;
let publisher: Client;
beforeAll(async () => {
  app = await startApplication(liveApplication, {
    WEBSOCKET: "on",
    ALLOWED_ORIGINS: friend,
    KEEP_ALIVE: "2s",
  });
  publisher = await logInAs(app, await app.createUser());
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  client = await logInAs(app, user, "SESSION_AND_TOKEN");
  hooks.resolve = async () => undefined;
});

const happened = 'subscription Happened { happened(room: "hall") { number seenBy ofContext } }';

const happen = async (...numbers: readonly number[]) => {
  const answer = await publisher.run(
    'mutation ($numbers: [Int!]!) { happen(room: "hall", numbers: $numbers) }',
    { numbers },
  );
  expect(answer.codes).toEqual([]);
};

const byCookie = (): SocketOptions => ({ origin: friend, cookies: client.cookies });

/** Acknowledged, with the token. */
const openSocket = async (credentials: Pick<Client, "token"> = client): Promise<MessageSocket> => {
  const socket = await openMessageSocket(app);
  await socket.init(credentials);
  return socket;
};

/** Until the subscription is open: no message says when. */
const happenUntilSeen = async (socket: MessageSocket, id: string) =>
  until(async () => {
    await happen(1);
    return socket.of(id).length > 0;
  });

const codesOf = (socket: MessageSocket, id: string) =>
  socket
    .of(id)
    .filter(({ type }) => type === "error")
    .flatMap(({ payload }) =>
      payload.map((error: { extensions: { code: string } }) => error.extensions.code),
    );

const refusalOf = async (socket: MessageSocket, query: string, id = "refused") => {
  socket.subscribe(id, query);
  await socket.received(1, id);
  return codesOf(socket, id);
};

/** The response to an upgrade that is refused. */
const refusedUpgrade = (headers: Readonly<Record<string, string | undefined>> = {}, line = "GET /graphql") =>
  sendBytes(app, upgradeRequest(headers, line));

const upgradeRequest = (
  headers: Readonly<Record<string, string | undefined>> = {},
  line = "GET /graphql",
): string =>
  writeRequest(line, {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "graphql-transport-ws",
    ...headers,
  });

test("the graphql-ws client follows by token and by cookie, leaves, and is told that its session has ended", async () => {
  class OfPage extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { origin: friend, headers: { cookie: cookieText() } });
    }
  }
  const cookieText = () => [...client.cookies].map((pair) => pair.join("=")).join("; ");
  const url = app.url.replace("http", "ws");
  for (const options of [
    { webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${client.token}` } },
    { webSocketImpl: OfPage },
  ]) {
    const sockets = createClient({ url, retryAttempts: 0, ...options });
    const follow = (query: string) => {
      const told = { events: [] as unknown[], errors: [] as unknown[], isComplete: false };
      const stop = sockets.subscribe(
        { query },
        {
          next: (event) => told.events.push(event),
          error: (error) => told.errors.push(error),
          complete: () => {
            told.isComplete = true;
          },
        },
      );
      return { told, stop };
    };
    const [left, kept, counted] = [follow(happened), follow(happened), follow("subscription { counted }")];
    await until(async () => {
      await happen(1);
      return left.told.events.length > 0 && kept.told.events.length > 0 && counted.told.isComplete;
    });
    expect(kept.told.events[0]).toEqual({
      data: { happened: { number: 1, seenBy: user.id, ofContext: 2 } },
    });
    expect(counted.told.events).toEqual([{ data: { counted: 1 } }, { data: { counted: 2 } }]);
    left.stop();
    if (!("connectionParams" in options)) {
      await client.run(LogOutDocument);
      await until(async () => kept.told.errors.length > 0);
      expect(kept.told.errors).toMatchObject([[{ extensions: { code: "UNAUTHENTICATED" } }]]);
    }
    await sockets.dispose();
  }
});

describe("the graphql-ws client", () => {
  /** With the options of docs/clients.md, and without their waits. */
  const patient = { shouldRetry: () => true, retryAttempts: 2, retryWait: async () => undefined };
  const failureOf = async (options: object, url = app.url): Promise<readonly [unknown, number]> => {
    let connecting = 0;
    const sockets = createClient({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: "Bearer gws_none" },
      on: {
        connecting: () => {
          connecting += 1;
        },
      },
      ...options,
    });
    const failed = Promise.withResolvers<unknown>();
    sockets.subscribe(
      { query: happened },
      { next: () => undefined, error: failed.resolve, complete: () => failed.resolve("complete") },
    );
    const failure = await failed.promise;
    await sockets.dispose();
    return [failure, connecting];
  };

  test("tries again with a wrong credential, and ends with 4403", async () => {
    const [failure, connecting] = await failureOf(patient);
    expect([failure, connecting]).toMatchObject([{ code: 4403 }, 3]);
  });

  test("gives up at once where no server listens, unless it is told to try again", async () => {
    const nowhere = `http://localhost:${await findFreePort()}/graphql`;
    expect((await failureOf({}, nowhere))[1]).toBe(1);
    expect((await failureOf(patient, nowhere))[1]).toBe(3);
  });

  test("opens no subscription again whose login has ended, and takes another with the next login", async () => {
    let { token } = client;
    const sockets = createClient({
      url: app.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      ...patient,
      connectionParams: () => ({ authorization: `Bearer ${token}` }),
    });
    const follow = () => {
      const told = { events: 0, errors: [] as unknown[] };
      sockets.subscribe(
        { query: happened },
        {
          next: () => {
            told.events += 1;
          },
          error: (error) => told.errors.push(error),
          complete: () => undefined,
        },
      );
      return told;
    };
    const first = follow();
    await until(async () => {
      await happen(1);
      return first.events > 0;
    });
    await client.run(LogOutDocument);
    await until(async () => first.errors.length > 0);
    token = (await logInAs(app, user, "TOKEN")).token;
    const { events } = first;
    const second = follow();
    await until(async () => {
      await happen(2);
      return second.events > 0;
    });
    expect(first).toMatchObject({ events, errors: [[{ extensions: { code: "UNAUTHENTICATED" } }]] });
    await sockets.dispose();
  });
});

describe("an upgrade", () => {
  test("of a page of another origin is refused, whatever it brings, and that of an allowed one is not", async () => {
    const own = new URL(app.config.publicUrl).origin;
    for (const origin of [
      "https://evil.example",
      "null",
      `${friend}.evil.example`,
      "http://app.example.org",
      "",
    ]) {
      const refused = await refusedUpgrade({ origin, cookie: "graphward=1" });
      expect([origin, refused.status, refused.body]).toEqual([
        origin,
        403,
        expect.stringContaining("CROSS_SITE_REQUEST"),
      ]);
      expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
    }
    for (const origin of [friend, own]) (await openMessageSocket(app, { origin })).raw.terminate();
  });

  test("is refused with another protocol, and with a token in a header", async () => {
    for (const headers of [
      { "sec-websocket-protocol": "graphql-ws" },
      { "sec-websocket-protocol": undefined },
      { authorization: `Bearer ${client.token}` },
      { "sec-websocket-key": "short" },
    ]) {
      const refused = await refusedUpgrade(headers);
      expect([headers, refused.status, refused.body]).toEqual([
        headers,
        400,
        expect.stringContaining('"code":"BAD_REQUEST"'),
      ]);
      expect(refused.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    }
  });

  test("is told the protocol that is spoken, where an older one was offered too", async () => {
    const socket = await openMessageSocket(app, { protocols: ["graphql-ws", "graphql-transport-ws"] });
    expect(socket.raw.protocol).toBe("graphql-transport-ws");
    socket.raw.terminate();
  });

  test("that does not wait for the response before it ends its own connection, and nothing else", async () => {
    const crashes: unknown[] = [];
    const note = (error: unknown) => void crashes.push(error);
    process.on("uncaughtExceptionMonitor", note);
    const login = writeRequest(
      "POST /graphql",
      { connection: "keep-alive", "content-type": "application/json" },
      '{"query":"mutation { login(username: \\"nobody\\", password: \\"none\\") { token } }"}',
    );
    await sendBytes(app, login + upgradeRequest());
    process.off("uncaughtExceptionMonitor", note);
    expect(crashes).toEqual([]);
    expect((await client.run("{ one }")).codes).toEqual([]);
  });

  test("of anything else is a request like any other", async () => {
    const body = '{"query":"{ one }"}';
    const plain = { connection: "Upgrade, close", "content-type": "application/json" };
    for (const upgrade of ["h2c", "websocket"]) {
      const answer = await sendBytes(app, writeRequest("POST /graphql", { ...plain, upgrade }, body));
      expect([answer.status, answer.body]).toEqual([200, '{"data":{"one":1}}\n']);
    }
    const elsewhere = { connection: "Upgrade, close", upgrade: "websocket" };
    expect((await sendBytes(app, writeRequest("GET /health/live", elsewhere))).status).toBe(200);
    const smuggled = { ...elsewhere, "transfer-encoding": "gzip" };
    expect((await sendBytes(app, writeRequest("GET /graphql", smuggled))).status).toBe(400);
  });

  test("is not there with WEBSOCKET=off", async () => {
    const off = await startApplication(liveApplication);
    await expect(openMessageSocket(off, { origin: off.origin })).rejects.toThrow(
      "Unexpected server response: 400",
    );
    await off.close();
  });
});

describe("before the acknowledgement", () => {
  test("a socket that says nothing is closed after three seconds, and nothing else is taken", async () => {
    const silent = await openMessageSocket(app, byCookie());
    const early = await openMessageSocket(app, byCookie());
    early.subscribe("1", happened);
    expect(await early.closed).toBe(4401);
    expect(early.messages()).toEqual([]);
    const hasty = await openMessageSocket(app, byCookie());
    hasty.send({ type: "connection_init" });
    hasty.subscribe("1", happened);
    expect(await hasty.closed).toBe(4401);
    for (const [message, code] of [
      ["no JSON", 4400],
      [{ type: "next", id: "1", payload: {} }, 4400],
      [{ type: "connection_init", payload: "text" }, 4400],
      [{ type: "start", id: "1", payload: { query: happened } }, 4400],
    ] as const) {
      const wrong = await openMessageSocket(app, byCookie());
      wrong.send(message);
      expect([message, await wrong.closed]).toEqual([message, code]);
    }
    expect(await silent.closed).toBe(4408);
  });

  test("a token that is not valid is refused with 4403, also beside a good cookie", async () => {
    for (const authorization of [`Bearer gws_${"a".repeat(49)}`, "Bearer undefined", "Basic YTpi", 7, {}]) {
      const socket = await openMessageSocket(app, byCookie());
      socket.send({ type: "connection_init", payload: { authorization } });
      expect([authorization, await socket.closed]).toEqual([authorization, 4403]);
      expect(socket.messages()).toEqual([]);
    }
    const twice = await openMessageSocket(app, byCookie());
    const value = `Bearer ${client.token}`;
    twice.send({ type: "connection_init", payload: { authorization: value, Authorization: value } });
    expect(await twice.closed).toBe(4403);
  });

  test("a client without an Origin needs a token: its cookie does not count", async () => {
    const socket = await openMessageSocket(app, { cookies: client.cookies });
    socket.send({ type: "connection_init" });
    expect(await socket.closed).toBe(4403);
    // Nor beside the token of somebody else.
    const other = await app.createUser();
    const stranger = await logInAs(app, other, "SESSION_AND_TOKEN");
    const both = await openMessageSocket(app, { cookies: client.cookies });
    await both.init(stranger);
    both.subscribe("1", happened);
    await happenUntilSeen(both, "1");
    expect(both.of("1")[0]?.payload.data.happened.seenBy).toBe(other.id);
    both.raw.close();
  });
});

describe("a subscription of a socket", () => {
  test("is the only operation that it takes", async () => {
    const socket = await openSocket();
    const before = await app.database
      .selectFrom("sessions")
      .select("id")
      .where("user_id", "=", user.id)
      .execute();
    for (const [index, query] of [
      "{ one }",
      "mutation { logoutEverywhere { userId } }",
      "{ __schema { queryType { name } } }",
    ].entries()) {
      expect(await refusalOf(socket, query, `${index}`)).toEqual(["BAD_REQUEST"]);
    }
    // The same document, once as a subscription, and then by its other operation.
    const query = "mutation M { logoutEverywhere { userId } } subscription S { counted }";
    socket.send({ id: "s", type: "subscribe", payload: { query, operationName: "S" } });
    expect((await socket.received(3, "s")).map(({ type }) => type)).toEqual(["next", "next", "complete"]);
    socket.send({ id: "m", type: "subscribe", payload: { query, operationName: "M" } });
    await socket.received(1, "m");
    expect(codesOf(socket, "m")).toEqual(["BAD_REQUEST"]);
    const after = await app.database
      .selectFrom("sessions")
      .select("id")
      .where("user_id", "=", user.id)
      .execute();
    expect(after).toEqual(before);
    socket.raw.close();
  });

  test("is refused as over HTTP: without a login, a permission, a scope, and beyond the limits of documents", async () => {
    const nobody = await openMessageSocket(app, { origin: friend });
    await nobody.init();
    expect(await refusalOf(nobody, happened)).toEqual(["UNAUTHENTICATED"]);
    // Public ones are open to a page without a login.
    nobody.subscribe("public", "subscription { announced }");
    await until(async () => {
      await publisher.run('mutation { announce(room: "of all") }');
      return nobody.of("public").length > 0;
    });
    expect(nobody.of("public")[0]?.payload).toEqual({ data: { announced: "nobody" } });
    nobody.raw.close();

    const socket = await openSocket();
    expect(await refusalOf(socket, "subscription { watched }", "1")).toEqual(["FORBIDDEN"]);
    expect(await refusalOf(socket, "subscription { anything sent }", "2")).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    expect(await refusalOf(socket, "subscription {", "3")).toEqual(["GRAPHQL_PARSE_FAILED"]);
    const aliases = Array.from({ length: 60 }, (_item, index) => `a${index}: number`).join(" ");
    expect(await refusalOf(socket, `subscription { happened(room: "hall") { ${aliases} } }`, "4")).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    const variable = "subscription ($room: String!) { happened(room: $room) { number } }";
    socket.subscribe("5", variable, { room: 12345678 });
    await socket.received(1, "5");
    expect(codesOf(socket, "5")).toEqual(["BAD_USER_INPUT"]);
    expect(JSON.stringify(socket.of("5"))).not.toContain("12345678");
    socket.raw.close();

    const script = await createScript(app, user, ["profile:read"]);
    const outOfReach = await openSocket(script.client);
    expect(await refusalOf(outOfReach, happened)).toEqual(["FORBIDDEN"]);
    outOfReach.raw.close();
  });

  test("counts among the streams of its session, over HTTP too", async () => {
    const [socket, other] = [await openSocket(), await openMessageSocket(app, byCookie())];
    await other.init();
    for (let index = 0; index < 9; index += 1) (index % 2 ? socket : other).subscribe(`${index}`, happened);
    const stream = await openStream(app, client, happened);
    expect(stream.status).toBe(200);
    await until(async () => {
      await happen(1);
      return [...Array(9).keys()].every((index) => (index % 2 ? socket : other).of(`${index}`).length > 0);
    });
    expect(await refusalOf(socket, happened, "eleventh")).toEqual(["RATE_LIMITED"]);
    const refused = await openStream(app, client, happened);
    await refused.ended;
    expect(refused.status).toBe(429);
    socket.send({ id: "1", type: "complete" });
    await until(async () => {
      const again = await openStream(app, client, happened);
      again.close();
      return again.status === 200;
    });
    expect(socket.of("1").every(({ type }) => type === "next")).toBe(true);
    stream.close();
    socket.raw.close();
    other.raw.close();
  });

  test("has an id of its own, and the socket one connection_init and messages of 64 KiB", async () => {
    const twice = await openSocket();
    twice.subscribe("1", happened);
    twice.subscribe("1", happened);
    expect(await twice.closed).toBe(4409);
    const again = await openSocket();
    again.send({ type: "connection_init" });
    expect(await again.closed).toBe(4429);
    const long = await openSocket();
    long.send({ id: "x".repeat(129), type: "subscribe", payload: { query: happened } });
    expect(await long.closed).toBe(4400);
    const large = await openSocket();
    large.send({ type: "ping", payload: { text: "x".repeat(64 * 1024 - 100) } });
    expect(await large.received(2)).toMatchObject([{ type: "connection_ack" }, { type: "pong" }]);
    large.send({ type: "ping", payload: { text: "x".repeat(64 * 1024) } });
    expect(await large.closed).toBe(1009);
    const binary = await openSocket();
    binary.raw.send(Buffer.from('{"type":"ping"}'));
    expect(await binary.closed).toBe(4400);
  });

  test("is written into the request log with its user and operation, and its socket with 101", async () => {
    const before = app.log.length;
    const socket = await openSocket();
    socket.subscribe("1", happened);
    await happenUntilSeen(socket, "1");
    socket.send({ id: "1", type: "complete" });
    await refusalOf(socket, "subscription { watched }");
    socket.raw.close();
    const lines = () =>
      app.log
        .slice(before)
        .map((text) => JSON.parse(text))
        .filter((it) => it.msg === "request" && it.path === "/graphql" && it.method !== "POST");
    await until(async () => lines().length === 3);
    expect(lines()).toMatchObject([
      { method: "WEBSOCKET", status: 200, finished: true, userId: user.id, operationName: "Happened" },
      { method: "WEBSOCKET", status: 403, finished: true, userId: user.id, outcomes: ["FORBIDDEN"] },
      { method: "GET", status: 101, finished: true, address: "127.0.0.1" },
    ]);
  });
});

describe("a socket ends", () => {
  test("with 4403 when its session does, after an error for each subscription and before any further event", async () => {
    for (const open of [() => openSocket(), async () => openMessageSocket(app, byCookie())]) {
      client = await logInAs(app, user, "SESSION_AND_TOKEN");
      const socket = await open();
      if (socket.messages().length === 0) await socket.init();
      for (const id of ["1", "2", "3"]) socket.subscribe(id, happened);
      for (const id of ["1", "2", "3"]) await happenUntilSeen(socket, id);
      await client.run(LogOutDocument);
      await happen(2);
      expect(await socket.closed).toBe(4403);
      // Events that were on their way come before.
      expect(JSON.stringify(socket.messages())).not.toContain('"number":2');
      expect(
        socket
          .messages()
          .slice(-3)
          .map(({ type }) => type),
      ).toEqual(["error", "error", "error"]);
      for (const id of ["1", "2", "3"]) expect(codesOf(socket, id)).toEqual(["UNAUTHENTICATED"]);
    }
  });

  test("with 4403 when its token is refused at the next subscription", async () => {
    const socket = await openSocket();
    await client.run(LogOutDocument);
    expect(await refusalOf(socket, happened)).toEqual(["UNAUTHENTICATED"]);
    expect(await socket.closed).toBe(4403);
  });

  test("with 1013 when the roles of its viewer change: its subscriptions are opened again with the next one", async () => {
    const socket = await openSocket();
    socket.subscribe("1", happened);
    await happenUntilSeen(socket, "1");
    const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    await app.database
      .insertInto("roles")
      .values({ name: "EDITOR", permissions: ["live:watch"] })
      .execute();
    await administrator.run(`mutation { setRoles(id: "${user.id}", roles: ["EDITOR"]) { message } }`);
    expect(await socket.closed).toBe(1013);
  });

  test("with 1000 when it has had no subscription for KEEP_ALIVE", async () => {
    const [busy, idle] = [await openSocket(), await openSocket()];
    busy.subscribe("1", happened);
    idle.subscribe("1", "subscription { counted }");
    expect(await idle.closed).toBe(1000);
    expect(idle.of("1").map(({ type }) => type)).toEqual(["next", "next", "complete"]);
    expect(busy.raw.readyState).toBe(busy.raw.OPEN);
    busy.raw.close();
  });

  test("with 1013 when its server stops, which takes no other and waits for nobody", async () => {
    const stopping = await startApplication(liveApplication, { WEBSOCKET: "on" });
    const known = await logInAs(stopping, await stopping.createUser(), "SESSION_AND_TOKEN");
    const [busy, idle] = [await openMessageSocket(stopping), await openMessageSocket(stopping)];
    await busy.init(known);
    await idle.init(known);
    busy.subscribe("1", "subscription { counted }");
    await busy.received(4);
    busy.subscribe("2", happened);
    const deaf = await openMessageSocket(stopping);
    await deaf.init(known);
    // It will not answer the closing handshake.
    deaf.raw.pause();
    const closed = stopping.close();
    expect([await busy.closed, await idle.closed]).toEqual([1013, 1013]);
    await closed;
    deaf.raw.terminate();
  });
});

test("strangers with sockets and no subscription keep nobody out", async () => {
  const small = await startApplication(liveApplication, { WEBSOCKET: "on", MAX_STREAMS: "3" });
  const known = await logInAs(small, await small.createUser(), "SESSION_AND_TOKEN");
  const openIdle = () => openMessageSocket(small, { origin: small.origin });
  const open = async () => {
    const socket = await openIdle();
    await socket.init(known);
    socket.subscribe("1", "subscription { opened }");
    return socket;
  };
  const first = await open();
  const idle: MessageSocket[] = [];
  for (let index = 0; index < 6; index += 1) idle.push(await openIdle());
  await Promise.all(idle.slice(0, 4).map(({ closed }) => closed));
  for (const socket of [first, await open(), await open()])
    expect(socket.raw.readyState).toBe(WebSocket.OPEN);
  await expect(openIdle()).rejects.toThrow("503");
  await small.close();
});

test("a reader of a socket that does not read is dropped when a mebibyte waits for it", async () => {
  const large = "x".repeat(6_000);
  const aliases = Array.from({ length: 10 }, (_item, index) => `a${index}: room`).join(" ");
  const query = `subscription Slow($room: String!) { happened(room: $room) { number ${aliases} } }`;
  const socket = await openSocket();
  socket.subscribe("1", query, { room: large });
  const publish = () =>
    publisher.run("mutation ($room: String!, $numbers: [Int!]!) { happen(room: $room, numbers: $numbers) }", {
      room: large,
      numbers: Array.from({ length: 20 }, (_item, index) => index + 1),
    });
  await until(async () => {
    await publish();
    return socket.of("1").length > 0;
  });
  socket.raw.pause();
  await until(async () => {
    await publish();
    return app.log.some(
      (line) => line.includes('"operationName":"Slow"') && line.includes('"finished":false'),
    );
  });
  socket.raw.terminate();
});

test("inside another program's server, WEBSOCKET=on stops the start: that server has the connections", async () => {
  const environment = { WEBSOCKET: "on", DATA_DIR: "/nonexistent" };
  await expect(createServer(liveApplication, { environment })).rejects.toThrow(
    "WEBSOCKET=on is for graphward start: here",
  );
});
