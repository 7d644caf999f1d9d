import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { seconds } from "../../src/time.ts";
import { startApplication } from "../harness/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";
import { hooks, liveApplication } from "./application.ts";

// Between the look-up of a stream's viewer and its place among the open streams, nobody would end it.

let here: App;
let there: App;
let user: User;
let sharedWithHere: NodeJS.ProcessEnv;
beforeAll(async () => {
  here = await startApplication(liveApplication);
  sharedWithHere = {
    DATABASE_URL: here.config.databaseUrl ?? "",
    SESSION_SECRET: here.config.sessionSecrets.join(),
  };
  there = await startApplication(liveApplication, sharedWithHere);
});
afterAll(async () => {
  await there.close();
  await here.close();
});
beforeEach(async () => {
  user = await here.createUser();
});

afterEach(() => void vi.useRealTimers());

/** `act` runs when the viewer is known, and the stream not yet open. */
const openDuring = async (
  app: App,
  client: Client,
  act: (client: Client) => Promise<unknown>,
): Promise<ReadStream> => {
  hooks.open = async () => {
    await act(client);
  };
  const stream = await openStream(app, client, "subscription { opened }");
  hooks.open = async () => undefined;
  return stream;
};

const requireRefused = async (stream: ReadStream, status: number, code: string) => {
  expect(stream.status).toBe(status);
  await stream.ended;
  expect(stream.codes()).toEqual([code]);
};

describe("a stream that is being opened is refused", () => {
  test("when its session ends, on the server of the logout and on another that has heard of it", async () => {
    for (const app of [here, there]) {
      const client = await logInAs(here, user);
      const onThat = new Client(app, { token: client.token });
      const stream = await openDuring(app, client, async () => {
        await client.run(LogOutDocument);
        await until(async () => (await onThat.run("{ private { message } }")).codes[0] === "UNAUTHENTICATED");
      });
      await requireRefused(stream, 401, "UNAUTHENTICATED");
    }
  });

  test("when its server hears no more of revocations", async () => {
    const client = await logInAs(here, user);
    const witness = await openStream(here, client, "subscription { anything }");
    const stream = await openDuring(here, client, async () => {
      // Without this trigger, no notice of an end would come: a server does not listen then.
      await sql`alter table graphward.sessions disable trigger sessions_deleted`.execute(here.database);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query ilike any(array['listen graphward%', 'select count(*)::int from pg_trigger%'])`.execute(
        here.database,
      );
      await witness.ended;
    });
    await sql`alter table graphward.sessions enable trigger sessions_deleted`.execute(here.database);
    await requireRefused(stream, 503, "SERVICE_UNAVAILABLE");
  });

  test("when its subscribe takes more than 10 seconds, and gives its place back", async () => {
    const client = await logInAs(here, user);
    const streams: Promise<ReadStream>[] = [];
    const ofSession = 10;
    const hanging = Promise.withResolvers<void>();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    for (let count = 0; count < ofSession; count += 1)
      await new Promise<void>((reached) => {
        hooks.open = () => {
          reached();
          return hanging.promise;
        };
        streams.push(openStream(here, client, "subscription { opened }"));
      });
    hooks.open = async () => undefined;
    const oneMore = await openStream(here, client, "subscription { opened }");
    await requireRefused(oneMore, 429, "RATE_LIMITED");
    await vi.advanceTimersByTimeAsync(seconds(10));
    vi.useRealTimers();
    for (const stream of streams) await requireRefused(await stream, 503, "SERVICE_UNAVAILABLE");
    const again = await openStream(here, client, "subscription { opened }");
    expect(again.status).toBe(200);
    const { closed } = hooks;
    again.close();
    await until(() => hooks.closed === closed + 1);
    // What comes too late is closed.
    hanging.resolve();
    await until(() => hooks.closed === closed + 1 + ofSession);
  });

  test("when its server stops, which does not wait for it", async () => {
    const stopping = await startApplication(liveApplication, sharedWithHere);
    const client = await logInAs(stopping, user);
    const witness = await openStream(stopping, client, "subscription { anything }");
    let closed: Promise<void> | null = null;
    const stream = await openDuring(stopping, client, async () => {
      closed = stopping.close();
      await witness.ended;
    });
    await requireRefused(stream, 503, "SERVICE_UNAVAILABLE");
    await closed;
  });
});
