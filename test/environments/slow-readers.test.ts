// Readers that do not read, behind nginx and HAProxy: whatever a proxy holds for them has an end, and then the server drops them.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seconds } from "../../src/time.ts";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import { openMessageSocket } from "../harness/connections/message-socket.ts";
import { writeRequest } from "../harness/connections/socket.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import { type App, findFreePort } from "../harness/server.ts";
import { liveApplication } from "../live/application.ts";
import { proxies, type Proxy as RunningProxy } from "./proxies.ts";

let app: App;
let client: Client;
beforeAll(async () => {
  app = await startApplication(liveApplication, { WEBSOCKET: "on" });
  client = await logInAs(app, await app.createUser());
});
afterAll(() => app?.close());

// An event has 66 kB: eleven times the room.
const room = "x".repeat(6_000);
const aliases = Array.from({ length: 10 }, (_item, index) => `a${index}: room`).join(" ");
const followAs = (name: string) =>
  `subscription ${name}($room: String!) { happened(room: $room) { number ${aliases} } }`;

let sent = 0;
/** A third of a mebibyte: a reader that reads has it in time, also on a busy machine. */
const publish = async (): Promise<void> => {
  const numbers = Array.from({ length: 5 }, () => ++sent);
  const query = "mutation ($room: String!, $numbers: [Int!]!) { happen(room: $room, numbers: $numbers) }";
  expect((await client.run(query, { room, numbers })).codes).toEqual([]);
};

/** The line of the log with which a stream has ended. */
const lineOf = (operation: string): string | undefined =>
  app.log.find((line) => line.includes(`"operationName":"${operation}"`));

describe.each(["nginx", "HAProxy"] as const)("behind %s", (name) => {
  let proxy: RunningProxy;
  beforeAll(async () => {
    const { port } = app.server;
    proxy = await proxies[name]({ port: await findFreePort(), serverPorts: [port, port] });
  });
  afterAll(() => proxy?.stop());

  const openReader = (): Promise<ReadStream> =>
    openStream(proxy, client, followAs("Reader"), { variables: { room } });

  /** Until the slow one is dropped. The reader has each event. */
  const publishUntilDropped = async (operation: string, reader: ReadStream): Promise<void> => {
    const before = sent;
    await expect
      .poll(
        async () => {
          await publish();
          await reader.event(sent - before);
          return lineOf(operation) !== undefined;
        },
        { timeout: seconds(45), interval: 5 },
      )
      .toBe(true);
    expect(JSON.parse(lineOf(operation) ?? "")).toMatchObject({ status: 200, finished: false });
    await publish();
    await reader.event(sent - before);
    reader.close();
  };

  test("a stream that nobody reads is dropped, and only that one", async () => {
    const operation = `Slow${name}`;
    const slow = openSocket(proxy);
    slow.write(
      writeRequest(
        "POST /graphql",
        {
          accept: "text/event-stream",
          "content-type": "application/json",
          authorization: `Bearer ${client.token}`,
          connection: undefined,
        },
        JSON.stringify({ query: followAs(operation), variables: { room } }),
      ),
    );
    await publishUntilDropped(operation, await openReader());
    // Its client, when it reads again, sees that the response was cut off.
    let end = "";
    slow.on("data", (bytes: Buffer) => {
      end = (end + bytes.toString("latin1")).slice(-64);
    });
    slow.resume();
    await once(slow, "close");
    expect(end).toContain("xxx");
    expect(end).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  test("a WebSocket that nobody reads is dropped, and only that one", async () => {
    const operation = `SlowSocket${name}`;
    const slow = await openMessageSocket(proxy);
    await slow.init(client);
    slow.subscribe("1", followAs(operation), { room });
    await until(async () => {
      await publish();
      return slow.of("1").length > 0;
    });
    slow.raw.pause();
    await publishUntilDropped(operation, await openReader());
    slow.raw.resume();
    expect(await slow.closed).toBe(1006);
  });
});

/** It reads nothing until it is told to. */
const openSocket = ({ url }: { readonly url: string }): Socket => {
  const { port, hostname } = new URL(url);
  return connect(Number(port), hostname)
    .pause()
    .on("error", () => undefined);
};
