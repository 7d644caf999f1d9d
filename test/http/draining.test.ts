import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtExplorer } from "../../src/explorer/serve.ts";
import { Client } from "../harness/client.ts";
import { openKeptConnection } from "../harness/connections/kept-connection.ts";
import { findListener } from "../harness/connections/listener.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { untilBlocked, withLockedAccounts } from "../harness/database/database-locks.ts";
import { type App, startApp } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

const publicQuery = '{"query":"{ public { message } }"}';

const openSocket = async ({ server }: App): Promise<Socket> => {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
};

const textOf = (socket: Socket) => {
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  return () => Buffer.concat(received).toString();
};

test("a kept connection is announced for KEEP_ALIVE, and kept longer", async () => {
  for (const [KEEP_ALIVE, announced] of [
    [undefined, 65],
    ["3s", 3],
  ] as const) {
    const app = await startApp({ KEEP_ALIVE });
    const connection = openKeptConnection(app);
    expect((await connection.post(publicQuery)).headers["keep-alive"]).toBe(`timeout=${announced}`);
    expect((await findListener(app)).keepAliveTimeout).toBeGreaterThan(announced * 1000);
    connection.close();
    await app.close();
  }
});

test("a connection that was opened ahead of need gets no 408, and its first request a response", async () => {
  const app = await startApp();
  const listener = await findListener(app);
  const socket = await openSocket(app);
  const received = textOf(socket);
  listener.headersTimeout = 1;
  // Older than the other, so its time is over too.
  expect((await sendBytes(app, "POST /graphql HTTP/1.1\r\n")).status).toBe(408);
  listener.headersTimeout = 10_000;
  const json = { "content-type": "application/json" };
  socket.write(writeRequest("POST /graphql", json, publicQuery));
  await once(socket, "close");
  expect(received()).toMatch(/^HTTP\/1\.1 200 /);
  await app.close();
});

test("a server that ends says so on every response and serves on for SHUTDOWN_DELAY", async () => {
  const app = await startApp({ SHUTDOWN_DELAY: "4s" });
  const user = await app.createUser();
  const kept = openKeptConnection(app);
  const other = openKeptConnection(app);
  const raw = (path: string) => sendBytes(app, writeRequest(path, { connection: "keep-alive" }));
  expect((await kept.post(publicQuery)).headers.connection).toBe("keep-alive");
  let closing: Promise<void> | undefined;
  let running: Promise<unknown> | undefined;
  await withLockedAccounts(app, async () => {
    running = other.post(
      JSON.stringify({
        query: `mutation { login(username: "${user.username}", password: "wrong") { userId } }`,
      }),
    );
    await untilBlocked(app);
    closing = app.close();
    expect(await kept.post(publicQuery)).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await kept.get("/health/ready")).toMatchObject({ status: 503, headers: { connection: "close" } });
    expect(await kept.get("/health/live")).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await raw("GET /nothing")).toMatchObject({ status: 404 });
    // Each on a new connection, for longer than a server without a delay would take them.
    for (let count = 0; count < 100; count += 1)
      expect((await raw("GET /health/live")).headers.get("connection")).toBe("close");
  });
  // It was running when the end began.
  expect(await running).toMatchObject({ status: 200, headers: { connection: "close" } });
  await closing;
  await expect(kept.post(publicQuery)).rejects.toThrow("ECONNREFUSED");
});

test("running requests finish while idle connections are closed, also those that are idle later", async () => {
  const app = await startApp();
  const user = await app.createUser();
  const names = await readdir(join(builtExplorer, "assets"));
  // Larger than what the system takes from the server at once.
  const asset = names.find((name) => name.startsWith("monaco-editor"));
  const unused = await openSocket(app);
  const slow = await openSocket(app);
  const received = textOf(slow);
  slow.pause();
  let running: Promise<{ status: number }> | undefined;
  let closing: Promise<void> | undefined;
  await withLockedAccounts(app, async () => {
    running = new Client(app).run(LogInDocument, user);
    slow.write(writeRequest(`GET /explorer/assets/${asset}`, { connection: "keep-alive" }));
    await untilBlocked(app);
    closing = app.close();
    await once(unused.resume(), "close");
    slow.resume();
    await once(slow, "close");
  });
  expect((await running)?.status).toBe(200);
  const [head = "", ...body] = received().split("\r\n\r\n");
  expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBe(Buffer.byteLength(body.join("\r\n\r\n")));
  await closing;
});
