// Logins without pause, in rounds with their baselines: argon2 alone, and the same server without load.
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { hashPassword } from "../src/auth/passwords/hash.ts";
import { milliseconds, seconds } from "../src/time.ts";
import { startHashing } from "./alone/hashing.ts";
import { type LoadOrder, startLoad } from "./loads/load.ts";
import { startSteadyLoad } from "./loads/steady-load.ts";
import { makeOrder } from "./rounds.ts";
import { type CpuTime, readCpuTime } from "./servers/cpu-time.ts";
import { connect } from "./servers/database.ts";
import { type Graphward, logInFirst, startGraphward } from "./servers/graphward.ts";
import { type Account, logIn, loginMutation, makeAccount } from "./servers/login.ts";
import { type Setting, tell } from "./setting.ts";
import { percentile } from "./statistics.ts";

export const clients = 64;
export const requestsPerSecond = 200;

/** Counts are per second; waits are the 99th percentile. */
export interface LoginRound {
  readonly hashes: number;
  readonly hashesOneByOne: number;
  readonly logins: number;
  readonly refused: number;
  readonly hashCpu: number;
  /** Includes the database's CPU. */
  readonly loginCpu: number | null;
  readonly databaseCpu: number | null;
  readonly waitAtRest: number | null;
  readonly waitInFlood: number | null;
}

/** The time until the queue of logins has its full length. */
const rampUp = milliseconds(500);

export const measureLogins = async (
  { cleanup, cores, options: { duration, rounds } }: Setting,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly LoginRound[]> => {
  const server = await startGraphward(cleanup, cores.server, { environment });
  const headers = [{ authorization: (await logInFirst(server)).token }];
  const question = await makeOrder({ name: "private", servers: [server], headers, field: "private" });
  const database = await connect(cleanup, server);
  const { password } = makeAccount();
  const hash = await hashPassword(password);
  await database.query(
    `insert into users (id, username, canonical_username, password_hash)
     select gen_random_uuid(), 'user' || number, 'user' || number, $1 from generate_series(1, $2::int) as number`,
    [hash, clients],
  );

  const load = startLoad(cleanup, cores.load);
  const steadyLoad = startSteadyLoad(cleanup, cores.load);
  const hashing = startHashing(cleanup, cores.server);
  const verify = (atOnce: number) => hashing.run({ hash, password, atOnce, duration });
  const floodFor = (time: number) => load.run(floodOrder(server, password, time));
  const waitOf = async () => {
    const { latencies } = await steadyLoad.run({
      url: server.url,
      request: question.requests[0] ?? { headers: {}, body: "" },
      expectedBody: question.expected.body,
      requestsPerSecond,
      duration,
    });
    return percentile(latencies, 0.99);
  };

  const settle = () => untilLoginsAreQuick(server, { username: "user1", password });
  const measureRound = async (): Promise<LoginRound> => {
    // No user may reach the maximum number of sessions: a login would then no longer add a row to count.
    await database.query(
      "delete from sessions where user_id <> (select id from users where username = 'alice')",
    );
    const hashes = await verify(clients);
    const [before, loginsBefore] = [await readCpuTime(server.processId), await countLogins(database)];
    const flood = await floodFor(duration);
    await settle();
    const [after, loginsAfter] = [await readCpuTime(server.processId), await countLogins(database)];
    const oneByOne = await verify(1);
    const waitAtRest = await waitOf();
    const longFlood = floodFor(duration + 2 * rampUp);
    const [waitInFlood, { refused }] = await Promise.all([delay(rampUp).then(waitOf), longFlood]);
    await settle();
    return {
      hashes: hashes.verified / (hashes.duration / seconds(1)),
      hashesOneByOne: oneByOne.verified / (oneByOne.duration / seconds(1)),
      logins: flood.answered / (flood.duration / seconds(1)),
      hashCpu: hashes.cpu,
      ...spentBetween(before, after, loginsAfter - loginsBefore),
      refused: flood.refused + refused,
      waitAtRest,
      waitInFlood,
    };
  };

  tell("warming up");
  await load.run({ ...question, until: { duration: seconds(3) } });
  await floodFor(seconds(1));
  await settle();
  const results: LoginRound[] = [];
  for (let round = 1; round <= rounds; round++) {
    tell(`round ${round} of ${rounds}`);
    results.push(await measureRound());
  }
  return results;
};

/** Includes logins whose clients had disconnected: they cost as much. */
const countLogins = async (database: pg.Pool): Promise<number> => {
  const { rows } = await database.query<{ count: number }>("select count(*)::int from sessions");
  return rows[0]?.count ?? 0;
};

const spentBetween = (before: CpuTime, after: CpuTime, logins: number) => {
  const unknown = { loginCpu: null, databaseCpu: null };
  if (before.own === null || before.children === null || after.own === null || after.children === null)
    return unknown;
  const databaseCpu = (after.children - before.children) / logins;
  return { loginCpu: (after.own - before.own) / logins + databaseCpu, databaseCpu };
};

/** Each connection is a different user. The server may refuse with "too many logins": that is counted. */
const floodOrder = ({ url }: Graphward, password: string, duration: number): LoadOrder => ({
  urls: [url],
  requests: Array.from({ length: clients }, (_, index) => {
    const variables: Account = { username: `user${index + 1}`, password };
    return { headers: {}, body: JSON.stringify({ query: loginMutation, variables }) };
  }),
  expected: { pattern: '"token":"gws_|"SERVICE_UNAVAILABLE"' },
  mayRefuse: true,
  connections: clients,
  until: { duration },
});

/** Logins of disconnected clients are still hashed: wait until they do not affect the next measurement. */
const untilLoginsAreQuick = async (server: Graphward, account: Account): Promise<void> => {
  const giveUpAt = performance.now() + seconds(30);
  while (performance.now() < giveUpAt) {
    const start = performance.now();
    const isDone = await logIn(server, account).then(
      () => true,
      () => false,
    );
    if (isDone && performance.now() - start < milliseconds(250)) return;
    await delay(milliseconds(50));
  }
  throw new Error(`${server.url} does not come to rest after the logins.`);
};
