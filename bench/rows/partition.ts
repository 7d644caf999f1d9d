// Sessions and events of the past months, by SQL, in plain tables or in partitions.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { digest, makeToken } from "../../src/auth/secrets/secret.ts";

/** The oldest whole month has expired: a session with a token lives for 180 days. */
const since = "date_trunc('month', now(), 'UTC') - interval '7 months'";

const script = join(import.meta.dirname, "../../deploy/postgresql/partitions.sql");

/** What an operator runs. */
export const readPartitionsScript = (): Promise<string> => readFile(script, "utf8");

/** As if an operator had run the script then, and maintain() each week. `eventsEach`: of one partition. */
export const makePartitions = async (database: pg.Pool, eventsEach: number): Promise<void> => {
  const text = (await readPartitionsScript())
    .replace("month_after(now())", since)
    .replace("+ 1000000", `+ ${eventsEach}`)
    .replace(":= 10000000", `:= ${eventsEach}`);
  await database.query(text);
  await database.query(
    `select graphward_partitions.add_partition('sessions', 'sessions_' || to_char(month at time zone 'UTC', 'YYYY_MM'),
       graphward_partitions.first_session_id(month)::text,
       graphward_partitions.first_session_id(graphward_partitions.month_after(month))::text)
     from generate_series(${since}, now(), '1 month') as month`,
  );
};

/** Before the events are inserted, each partition must be there. */
export const makeEventPartitions = async (database: pg.Pool, events: number, eventsEach: number) => {
  for (let number = 0; (number + 1) * eventsEach <= events; number++)
    await database.query("select graphward_partitions.add_partition('audit_events', $1, $2, $3)", [
      `audit_events_${number}`,
      ...[1, 2].map((step) => String((number + step) * eventsEach)),
    ]);
};

const sessionsPerUser = 20;

/** Into one large index at random places, ten million entries take a quarter of an hour. In partitions they are quick. */
const largeIndexes = [
  ["sessions", "sessions_cookie_digest_unique", "unique (cookie_digest)"],
  ["sessions", "sessions_token_digest_unique", "unique (token_digest)"],
  ["sessions", "sessions_user_id_index", "(user_id)"],
  ["audit_events", "audit_events_user_id_id_index", "(user_id, id)"],
  ["audit_events", "audit_events_user_id_type_id_index", "(user_id, type, id)"],
] as const;

/** Fills the tables without these indexes, and builds them afterwards. */
export const withoutLargeIndexes = async <Value>(
  database: pg.Pool,
  fill: () => Promise<Value>,
): Promise<Value> => {
  for (const [table, name, definition] of largeIndexes)
    await database.query(
      definition.startsWith("unique") ? `alter table ${table} drop constraint ${name}` : `drop index ${name}`,
    );
  const value = await fill();
  for (const [table, name, definition] of largeIndexes)
    await database.query(
      definition.startsWith("unique")
        ? `alter table ${table} add constraint ${name} ${definition}`
        : `create index ${name} on ${table} ${definition}`,
    );
  return value;
};

/** Spread over the time since and over the users. Returns the tokens of `usable` of them, as headers. */
export const fillMonths = async (
  database: pg.Pool,
  { sessions, usable }: { readonly sessions: number; readonly usable: number },
): Promise<readonly string[]> => {
  const tokens = Array.from({ length: usable }, () => makeToken("gws_"));
  const users = Math.ceil(sessions / sessionsPerUser);
  await database.query(
    `insert into users (id, username, canonical_username)
     select md5('user' || number)::uuid, 'user' || number, 'user' || number from generate_series(0, $1::int - 1) as number`,
    [users],
  );
  await insertSessions(database, {
    users,
    source: `select number as number, number::float8 / ${sessions} as age, sha256(('token' || number)::bytea) as token
      from generate_series(0, ${sessions} - 1) as number`,
    values: [],
  });
  // Up to five months old: those are usable.
  await insertSessions(database, {
    users,
    source: `select number, number::float8 / ${usable} * 5 / 8 as age, token
      from unnest($1::bytea[]) with ordinality as given(token, number)`,
    values: [tokens.map(digest)],
  });
  for (const table of ["users", "sessions"]) await database.query(`vacuum analyze ${table}`);
  return tokens.map((token) => `Bearer ${token}`);
};

/** `source`: rows with a number, an age from 0 to 1 and the digest of a token. */
const insertSessions = (
  database: pg.Pool,
  {
    users,
    source,
    values,
  }: { readonly users: number; readonly source: string; readonly values: readonly unknown[] },
) =>
  database.query(
    `insert into sessions (id, user_id, cookie_digest, token_digest, created_at, last_used_at, idle_expires_at, absolute_expires_at)
     select (lpad(to_hex((extract(epoch from created) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
       md5('user' || number % ${users})::uuid, sha256(('cookie of ' || hash)::bytea), token,
       created, now() + interval '1 hour', created + interval '180 days', created + interval '180 days'
     from (${source}) as source,
       lateral (select md5(encode(token, 'hex')) as hash) as hashed,
       lateral (select now() - age * (now() - (${since})) as created) as timed`,
    [...values],
  );

/** As many for each user as there are sessions, marked as sealed: the server would otherwise seal them meanwhile. */
export const fillEventsOfUsers = async (database: pg.Pool, events: number): Promise<void> => {
  await database.query(
    `insert into audit_events (type, user_id, actor_id, sequence, sealed_at, mac)
     select 'LOGIN_SUCCEEDED', owner, owner, number + ${sessionsPerUser}, now(), sha256('mac')
     from generate_series(1, $1::int) as number,
       lateral (select md5('user' || number % $2::int)::uuid as owner) as owned`,
    [events, Math.ceil(events / sessionsPerUser)],
  );
  await database.query("vacuum analyze audit_events");
};
