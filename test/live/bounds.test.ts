import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startApplication } from "../harness/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { liveApplication } from "./application.ts";

let app: App;
let user: User;
beforeAll(async () => {
  app = await startApplication(liveApplication, { MAX_STREAMS: "105", TRUST_PROXY: "1" });
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
});

const source = "subscription { announced }";

const open = async (count: number, credentials: Pick<Client, "cookies" | "token">) => {
  const streams: ReadStream[] = [];
  for (let index = 0; index < count; index += 1) streams.push(await openStream(app, credentials, source));
  return streams;
};

const statusesOf = (streams: readonly ReadStream[]) => [...new Set(streams.map(({ status }) => status))];

const requireRefused = async (
  credentials: Pick<Client, "cookies" | "token">,
  status: number,
  code: string,
) => {
  const refused = await openStream(app, credentials, source);
  await refused.ended;
  expect([refused.status, refused.codes()]).toEqual([status, [code]]);
  expect(refused.headers.get("retry-after")).not.toBeNull();
};

test("a session has ten streams, a user fifty, and a server as many as it has room for; one that is closed makes room", async () => {
  const sessions: Client[] = [];
  const streams: ReadStream[] = [];
  for (let index = 0; index < 5; index += 1) sessions.push(await logInAs(app, user));
  for (const session of sessions) {
    const opened = await open(10, session);
    expect(statusesOf(opened)).toEqual([200]);
    streams.push(...opened);
    await requireRefused(session, 429, "RATE_LIMITED");
  }
  const sixth = await logInAs(app, user);
  await requireRefused(sixth, 429, "RATE_LIMITED");
  streams.shift()?.close();
  await until(async () => {
    const again = await openStream(app, sixth, source);
    if (again.status === 200) streams.push(again);
    return again.status === 200;
  });

  // For visitors, the bound of a user is that of one IP.
  const visitors = await open(50, new Client(app));
  expect(statusesOf(visitors)).toEqual([200]);
  await requireRefused(new Client(app), 429, "RATE_LIMITED");
  const last = await logInAs(app, await app.createUser());
  streams.push(...(await open(5, last)));
  expect(statusesOf(streams)).toEqual([200]);
  await requireRefused(last, 503, "SERVICE_UNAVAILABLE");
  expect(app.log.join("")).toContain('"pool":"streams","reason":"MAX_STREAMS"');
  for (const stream of [...streams, ...visitors]) stream.close();
  await Promise.all([...streams, ...visitors].map(({ ended }) => ended));
});

test("the addresses of one IPv6 network have the streams of one IP", async () => {
  const streams: ReadStream[] = [];
  for (let index = 0; index < 51; index += 1)
    streams.push(
      await openStream(app, new Client(app), source, {
        headers: { "x-forwarded-for": `2001:db8:1:2::${index.toString(16)}` },
      }),
    );
  for (const stream of streams) stream.close();
  expect(streams.slice(49).map(({ status }) => status)).toEqual([200, 429]);
});

describe("a refused stream", () => {
  test("takes no room", async () => {
    const client = await logInAs(app, user);
    for (let index = 0; index < 12; index += 1) {
      const refused = await openStream(app, client, "subscription { watched }");
      await refused.ended;
      expect(refused.status).toBe(403);
    }
    const [stream] = await open(1, client);
    expect(stream?.status).toBe(200);
    stream?.close();
  });
});

test("a server that stops ends its streams with “retry” at times that differ, and finishes at once", async () => {
  const stopping = await startApplication(liveApplication);
  const client = await logInAs(stopping, await stopping.createUser());
  const streams: ReadStream[] = [];
  for (let index = 0; index < 10; index += 1)
    streams.push(await openStream(stopping, client, "subscription { announced }"));
  const closed = stopping.close();
  for (const stream of streams) await stream.ended;
  await closed;
  const waits = streams.map((stream) => /\nretry: (\d+)\n/.exec(stream.text())?.[1]);
  for (const stream of streams) expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
  expect(new Set(waits).size).toBeGreaterThan(5);
  for (const wait of waits) expect(Number(wait)).toBeGreaterThanOrEqual(1_000);
});
