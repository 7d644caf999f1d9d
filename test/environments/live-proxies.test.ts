// Subscriptions, by streams and by WebSocket, behind nginx and HAProxy, as the examples in deploy/ configure them.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { LoginMode } from "../../src/testing/client.ts";
import { findDuration, seconds } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { type MessageSocket, openMessageSocket } from "../harness/connections/message-socket.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward, type Served, serve } from "../harness/process.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";
import { proxies, type Proxy as RunningProxy } from "./proxies.ts";

const user = { username: "marguerite", password: "correct horse battery staple" };
const publicUrl = "https://api.example.com";
const sessionsChanged = "subscription { sessionsChanged { id current } }";
const events = "text/event-stream";
const multipart = "multipart/mixed;subscriptionSpec=1.0";

let copy: TestDatabase;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  copy = await createDatabase();
  environment = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    TRUST_PROXY: "1",
    DATABASE_URL: copy.url,
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
    PUBLIC_URL: publicUrl,
    WEBSOCKET: "on",
    RATE_LIMITS: withoutLimits,
    LOG_LEVEL: "info",
    SHUTDOWN_DELAY: "2s",
  };
  const create = ["user", "create", "--username", user.username, "--password-stdin"];
  expect(await graphward(create, { environment, input: user.password })).toMatchObject({ status: 0 });
});
afterAll(() => copy?.drop());

describe.each(["nginx", "HAProxy"] as const)("behind %s", (name) => {
  let servers: readonly Served[];
  let proxy: RunningProxy;
  beforeAll(async () => {
    const serverPorts = [await findFreePort(), await findFreePort()];
    servers = await Promise.all(serverPorts.map((port) => serve(port, { environment })));
    proxy = await proxies[name]({ port: await findFreePort(), serverPorts });
  });
  afterAll(async () => {
    await proxy?.stop();
    await Promise.all((servers ?? []).map((server) => server.stop("SIGTERM")));
  });

  const logIn = async (mode: LoginMode = "TOKEN"): Promise<Client> => {
    const client = new Client(proxy);
    await client.logIn(user, mode);
    return client;
  };

  /** One by the cookie of a page, and one by the token: the proxy chooses the servers in turn. */
  const connect = async (client: Client): Promise<readonly MessageSocket[]> => {
    const { cookies } = client;
    const ofPage = await openMessageSocket(proxy, { origin: publicUrl, cookies });
    await ofPage.init();
    const ofScript = await openMessageSocket(proxy);
    await ofScript.init(client);
    for (const socket of [ofPage, ofScript]) socket.subscribe("1", sessionsChanged);
    return [ofPage, ofScript];
  };

  /** Each has seen an event. */
  const follow = async (client: Client): Promise<readonly MessageSocket[]> => {
    const sockets = await connect(client);
    await until(async () => {
      await logIn();
      return sockets.every((socket) => socket.of("1").length > 0);
    });
    for (const socket of sockets) expect(socket.of("1")[0]?.payload.data).toEqual(seen);
    return sockets;
  };

  /** One after the other: the proxy chooses the servers in turn. */
  const open = async (client: Client, ...accepts: readonly string[]): Promise<readonly ReadStream[]> => {
    const streams: ReadStream[] = [];
    for (const accept of accepts) streams.push(await openStream(proxy, client, sessionsChanged, { accept }));
    expect(streams.map(({ status }) => status)).toEqual(accepts.map(() => 200));
    return streams;
  };

  const seen = expect.objectContaining({
    sessionsChanged: expect.arrayContaining([expect.objectContaining({ current: true })]),
  });

  test("a stream arrives as it happens, in both formats, and ends with its session", async () => {
    const client = await logIn();
    const streams = await open(client, events, events, multipart, multipart);
    for (const stream of streams) {
      // Its first bytes, before there is any event.
      await until(() => stream.text() !== "");
      expect(stream.events()).toEqual([]);
      expect(stream.headers.get("content-encoding")).toBeNull();
    }
    await logIn();
    for (const stream of streams) expect((await stream.event(1)).data).toEqual(seen);
    await client.run(LogOutDocument);
    for (const stream of streams) {
      await stream.ended;
      expect(stream.codes()).toEqual(["UNAUTHENTICATED"]);
    }
  });

  test("a WebSocket opens by cookie and by token, its events arrive as they happen, and it ends with its session", async () => {
    const client = await logIn("SESSION_AND_TOKEN");
    const sockets = await follow(client);
    await client.run(LogOutDocument);
    for (const socket of sockets) {
      expect(await socket.closed).toBe(4403);
      expect(socket.of("1").at(-1)).toMatchObject({
        type: "error",
        payload: [{ extensions: { code: "UNAUTHENTICATED" } }],
      });
    }
  });

  test("a WebSocket of a page of another origin is refused, and an offer of another protocol is ignored", async () => {
    const { cookies } = await logIn("SESSION_AND_TOKEN");
    const foreign = openMessageSocket(proxy, { origin: "https://evil.example.com", cookies });
    await expect(foreign).rejects.toThrow("Unexpected server response: 403");
    // As Java's client does.
    const { port } = new URL(proxy.url);
    const asked = get({
      host: "127.0.0.1",
      port,
      path: "/health/live",
      headers: {
        connection: "Upgrade, HTTP2-Settings",
        upgrade: "h2c",
        "http2-settings": "AAMAAABkAAQAAP__",
      },
    });
    const [response] = await once(asked, "response");
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  test("without events, nothing is silent for longer than a proxy waits", async () => {
    const client = await logIn("SESSION_AND_TOKEN");
    const sockets = await connect(client);
    const pings = sockets.map(({ raw }) => countPings(raw));
    const [one, other] = await open(client, events, multipart);
    const beats = (text: string | undefined, beat: string) => (text?.split(beat).length ?? 1) - 1;
    await until(
      () =>
        beats(one?.text(), ":\n\n") >= 2 &&
        beats(other?.text(), "{}") >= 2 &&
        pings.every(({ count }) => count >= 1),
    );
    expect([one?.events(), other?.events()]).toEqual([[], []]);
    for (const socket of sockets) expect(socket.of("1")).toEqual([]);
    for (const stream of [one, other]) stream?.close();
    for (const { raw } of sockets) raw.close();
  });

  test("a server that gets SIGTERM tells its clients to come back, and they come to the other one", async () => {
    const client = await logIn("SESSION_AND_TOKEN");
    const sockets = await follow(client);
    const closed = Promise.race(sockets.map((socket) => socket.closed.then((code) => ({ socket, code }))));
    const streams = await open(client, events, events, multipart, multipart);
    const over = new Set<ReadStream>();
    for (const stream of streams) void stream.ended.then(() => over.add(stream));
    expect((await servers[0]?.stop("SIGTERM"))?.status).toBe(0);
    await until(() => over.size === 2);
    const [first, second] = streams.filter((stream) => over.has(stream));
    expect([first?.codes(), second?.codes()]).toEqual([["SERVICE_UNAVAILABLE"], ["SERVICE_UNAVAILABLE"]]);
    expect(first?.text()).toMatch(/\nretry: [1-5]\d{3}\nevent: next\n.*\n\n$/);
    expect(second?.text()).toMatch(/\r\n--graphql--\r\n$/);

    const { socket: ended, code } = await closed;
    expect(code).toBe(1013);
    const [left] = sockets.filter((socket) => socket !== ended);
    const [back, another] = await follow(client);
    const before = left?.of("1").length ?? 0;
    const again = await open(client, events, multipart);
    await logIn();
    await until(() => (left?.of("1").length ?? 0) > before);
    for (const socket of [left, back, another]) socket?.raw.close();
    for (const stream of [...streams.filter((one) => !over.has(one)), ...again]) {
      expect((await stream.event(1)).data).toEqual(seen);
      stream.close();
    }
  });
});

const countPings = (socket: WebSocket) => {
  const counted = { count: 0 };
  socket.on("message", (data) => {
    if (JSON.parse(data.toString()).type === "ping") counted.count += 1;
  });
  return counted;
};

test("the examples wait longer than the 15 seconds between two signs of life", async () => {
  const read = (path: string) => readFile(join(import.meta.dirname, "../../deploy", path), "utf8");
  const inHaproxy = (await read("haproxy/haproxy.cfg")).matchAll(
    /^ *timeout (?:client|server|tunnel) (\w+)/gm,
  );
  // Without it, nginx waits for 60 seconds.
  const inNginx = (await read("nginx/graphward.conf")).matchAll(
    /^ *(?:proxy_(?:read|send)|send)_timeout (\w+);/gm,
  );
  const waits = [...inHaproxy, ...inNginx].map(([, duration = ""]) => findDuration(duration) ?? 0);
  expect(waits.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(seconds(30));
});
