// What partitions of sessions and events cost a request, and what they save when a month ends.

import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import { pruneSessions } from "../../src/auth/sessions/rows.ts";
import type { Tables } from "../../src/database/tables.ts";
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { openConnection } from "../loads/connection.ts";
import {
  fillEventsOfUsers,
  fillMonths,
  makeEventPartitions,
  makePartitions,
  readPartitionsScript,
  withoutLargeIndexes,
} from "../rows/partition.ts";
import { connect } from "../servers/database.ts";
import { type Graphward, startGraphward } from "../servers/graphward.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell, millisecondsCell } from "../table.ts";

const usable = 1_000;
const partitionsOfEvents = 5;

export const partitionsTable: NamedTable = {
  name: "partitions",
  description:
    "requests and the end of a month with --rows sessions and as many events, in partitions beside plain tables",
  isLong: true,
  async measure(setting) {
    const shapes = [await fillShape(setting, "plain"), await fillShape(setting, "partitioned")] as const;
    const asked = await askInTurn(shapes, setting.options.rounds);
    const changed = [await changeRows(shapes[0]), await changeRows(shapes[1])] as const;
    const moved = await partitionWhileAsked(shapes[0]);
    const { rows } = setting.options;
    return {
      heading: `${countCell(rows)} sessions of eight months and as many events: plain tables, then one partition for each month and each ${countCell(rows / partitionsOfEvents)} events`,
      columns: comparisonColumns,
      rows: [
        ...Object.keys(questions).flatMap((name) => rowsOf(name, "ms", [asked[0], asked[1]])),
        ...changes.flatMap(({ name, unit }) => rowsOf(name, unit, [changed[0], changed[1]])),
        plainRow("partitions.sql on the plain tables", `${millisecondsCell(moved.time)} ms`),
        plainRow(
          `the longest wait of a request meanwhile (${moved.refused} of ${moved.answered} refused)`,
          `${millisecondsCell(moved.longestWait)} ms`,
        ),
      ],
    };
  },
};

const questionOfMany = "{ private { message } }";
const questions = {
  "private of many users, VIEWER_CACHE=off": questionOfMany,
  "one's own sessions": "{ sessions { id createdAt current } }",
  "one's own events": "{ auditEvents(first: 20) { nodes { id at type } } }",
} as const;

const changes = [
  { name: "10,000 new sessions", unit: "ms" },
  { name: "WAL of 10,000 new sessions", unit: "MiB" },
  { name: "end of a month", unit: "ms" },
  { name: "WAL of the end of a month", unit: "MiB" },
  { name: "files of the sessions afterwards", unit: "MiB" },
] as const;

type Measured = Readonly<Record<string, readonly number[]>>;

const rowsOf = (name: string, unit: string, [plain, partitioned]: readonly [Measured, Measured]) => {
  const of = (measured: Measured) => measured[name] ?? [];
  return [
    plainRow(`${name}, plain`, `${millisecondsCell(median(of(plain)))} ${unit}`),
    ratioRow(
      `${name}, partitions`,
      `${millisecondsCell(median(of(partitioned)))} ${unit}`,
      ratioOf(of(partitioned), of(plain)),
      null,
    ),
  ];
};

interface Shape {
  readonly name: "plain" | "partitioned";
  readonly server: Graphward;
  readonly database: pg.Pool;
  readonly tokens: readonly string[];
}

const fillShape = async (
  { cleanup, cores, options: { rows } }: Setting,
  name: Shape["name"],
): Promise<Shape> => {
  const eventsEach = Math.ceil(rows / partitionsOfEvents);
  const server = await startGraphward(cleanup, cores.server, { environment: { VIEWER_CACHE: "off" } });
  const database = await connect(cleanup, server);
  tell(`${name}: making rows`);
  const fill = async () => {
    const usableTokens = await fillMonths(database, { sessions: rows, usable });
    await fillEventsOfUsers(database, rows);
    return usableTokens;
  };
  if (name === "partitioned") {
    await makePartitions(database, eventsEach);
    await makeEventPartitions(database, rows, eventsEach);
  }
  const tokens = name === "plain" ? await withoutLargeIndexes(database, fill) : await fill();
  await database.query("checkpoint").catch(() => undefined);
  return { name, server, database, tokens };
};

/** Both are filled when it begins, and asked one after the other, so that the load of the machine is the same for both. */
const askInTurn = async (
  shapes: readonly [Shape, Shape],
  rounds: number,
): Promise<readonly [Measured, Measured]> => {
  const ask = async ({ server: { url }, tokens }: Shape, query: string): Promise<number> => {
    const send = openConnection(url);
    const times: number[] = [];
    for (const token of tokens) {
      const start = performance.now();
      const { status, text } = await send(query, token);
      times.push(performance.now() - start);
      if (status !== 200 || text.includes('"errors"')) throw new Error(`${query} is answered with ${text}`);
    }
    return median(times) ?? 0;
  };
  const empty = (): Record<string, number[]> =>
    Object.fromEntries(Object.keys(questions).map((name) => [name, []]));
  const measured = [empty(), empty()] as const;
  for (let round = 0; round <= rounds; round++) {
    tell(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const [name, query] of Object.entries(questions))
      for (const index of [0, 1] as const) {
        const time = await ask(shapes[index], query);
        if (round > 0) measured[index][name]?.push(time);
      }
  }
  return measured;
};

const changeRows = async ({ name, database }: Shape): Promise<Measured> => {
  tell(`${name}: new rows, and the end of a month`);
  const inserted = await measure(database, () =>
    database.query(
      `insert into sessions (id, user_id, cookie_digest, token_digest, idle_expires_at, absolute_expires_at)
       select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '7000' || substr(md5('new' || number), 1, 16))::uuid,
         md5('user' || number % (select count(*) from users where username like 'user%'))::uuid, sha256(('new cookie' || number)::bytea), sha256(('new token' || number)::bytea),
         now() + interval '1 day', now() + interval '1 day' from generate_series(1, 10000) as number`,
    ),
  );
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: database }) });
  const ended = await measure(database, () =>
    name === "plain" ? pruneSessions(kysely) : database.query("select graphward_partitions.maintain()"),
  );
  if (name === "partitioned") await pruneSessions(kysely);
  await database.query("vacuum sessions");
  return {
    "10,000 new sessions": [inserted.time],
    "WAL of 10,000 new sessions": [inserted.wal],
    "end of a month": [ended.time],
    "WAL of the end of a month": [ended.wal],
    "files of the sessions afterwards": [await sizeOfSessions(database)],
  };
};

/** Runs the operator's script while requests read the table. */
const partitionWhileAsked = async ({ server: { url }, database, tokens }: Shape) => {
  tell("plain: partitions.sql");
  let isDone = false;
  const times: number[] = [];
  let refused = 0;
  const askOnAndOn = async () => {
    const send = openConnection(url);
    for (let index = 0; !isDone; index += 1) {
      const start = performance.now();
      const { status } = await send(questionOfMany, tokens[index % tokens.length] ?? "");
      times.push(performance.now() - start);
      if (status !== 200) refused += 1;
    }
  };
  const asked = Promise.all(Array.from({ length: 4 }, askOnAndOn));
  const start = performance.now();
  await database.query(await readPartitionsScript());
  const time = performance.now() - start;
  isDone = true;
  await asked;
  return { time, refused, answered: times.length, longestWait: Math.max(...times) };
};

/** Milliseconds, and MiB written ahead. */
const measure = async (database: pg.Pool, act: () => Promise<unknown>) => {
  const before = await readPosition(database);
  const start = performance.now();
  await act();
  const time = performance.now() - start;
  const { rows: written } = await database.query<{ wal: number }>(
    "select (pg_current_wal_lsn() - $1::pg_lsn)::float8 / 1048576 as wal",
    [before],
  );
  return { time, wal: written[0]?.wal ?? 0 };
};

const readPosition = async (database: pg.Pool): Promise<string> =>
  (await database.query<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn")).rows[0]?.lsn ?? "";

const sizeOfSessions = async (database: pg.Pool): Promise<number> => {
  const { rows: sizes } = await database.query<{ size: number }>(
    `select sum(pg_total_relation_size(oid))::float8 / 1048576 as size from pg_class
     where relkind = 'r' and relname ~ '^sessions' and relnamespace = 'graphward'::regnamespace`,
  );
  return sizes[0]?.size ?? 0;
};
