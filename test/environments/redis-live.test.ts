// Subscriptions on two servers whose notices come by way of Redis: one of them listens to PostgreSQL and relays.
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Client, logInAs } from "../harness/client.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import { serveWithRedis, startRedis } from "../harness/redis.ts";
import { type App, startTwoServers, type User } from "../harness/server.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";

const redis = await startRedis();
serveWithRedis(redis);

let here: App;
let there: App;
let user: User;
beforeAll(async () => {
  ({ here, there } = await startTwoServers());
});
afterAll(async () => {
  await here?.close();
  await redis.stop();
});
beforeEach(async () => {
  user = await here.createUser();
});

const sessionsChanged = "subscription { sessionsChanged { id current } }";

/** On both servers. */
const open = async (client: Client): Promise<readonly ReadStream[]> => {
  const streams: ReadStream[] = [];
  for (const app of [here, there]) streams.push(await openStream(app, client, sessionsChanged));
  expect(streams.map(({ status }) => status)).toEqual([200, 200]);
  return streams;
};

/** The lock of the one that relays. */
const countRelays = async (): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_locks
    where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32 | objid::bigint) = hashtextextended('graphward notices', 0)`.execute(
    here.database,
  );
  return rows[0]?.count ?? 0;
};

test("one server listens to PostgreSQL, and the streams of both have each event", async () => {
  const client = await logInAs(here, user);
  const streams = await open(client);
  await expect.poll(countRelays).toBe(1);
  for (const [index, app] of [here, there].entries()) {
    await logInAs(app, user);
    for (const stream of streams)
      expect((await stream.event(index + 1)).data?.sessionsChanged).toHaveLength(index + 2);
  }
  for (const stream of streams) stream.close();
});

test("a logout on one server ends the streams on both, whichever of them relays", async () => {
  for (const app of [here, there]) {
    const client = await logInAs(app, user);
    const streams = await open(client);
    await client.run(LogOutDocument);
    for (const stream of streams) {
      await stream.ended;
      expect(stream.codes()).toEqual(["UNAUTHENTICATED"]);
    }
  }
});

test("a Redis that freezes ends the streams with “retry”, and none opens until it is back", async () => {
  const client = await logInAs(here, user);
  const streams = await open(client);
  redis.freeze();
  try {
    for (const stream of streams) {
      await stream.ended;
      expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
      expect(stream.text()).toMatch(/\nretry: \d+\n/);
    }
    const refused = await openStream(there, client, sessionsChanged);
    await refused.ended;
    expect([refused.status, refused.codes()]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);
  } finally {
    redis.thaw();
  }
  await until(async () => {
    const again = await openStream(there, client, sessionsChanged);
    again.close();
    return again.status === 200;
  });
});

const requireRetry = async (streams: readonly ReadStream[]) => {
  for (const stream of streams) {
    await stream.ended;
    expect(stream.codes()).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(stream.text()).not.toContain("event: complete");
  }
};

/** On both servers, once they hear again. */
const requireRefusedLater = async (client: Client) => {
  for (const app of [here, there])
    await until(async () => {
      const refused = await openStream(app, client, sessionsChanged);
      await refused.ended;
      return refused.status === 401;
    });
};

test("a Redis that is killed ends the streams of both, and a logout of that time is missed by neither", async () => {
  const [client, other] = [await logInAs(here, user), await logInAs(here, user)];
  const streams = await open(client);
  await redis.kill();
  try {
    await client.run(LogOutDocument);
    await requireRetry(streams);
  } finally {
    await redis.restart();
  }
  await requireRefusedLater(client);
  await until(async () => {
    const again = await openStream(there, other, sessionsChanged);
    again.close();
    return again.status === 200;
  });
});

test("the end of the connection that relays from PostgreSQL ends the streams of both, and a logout of that time is missed by neither", async () => {
  const client = await logInAs(here, user);
  const streams = await open(client);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen graphward%'`.execute(here.database);
  await client.run(LogOutDocument);
  for (const stream of streams) await stream.ended;
  // Whichever is heard first: the end of the relay, or that of the session by the next one.
  for (const stream of streams)
    expect([["SERVICE_UNAVAILABLE"], ["UNAUTHENTICATED"]]).toContainEqual(stream.codes());
  await requireRefusedLater(client);
});
