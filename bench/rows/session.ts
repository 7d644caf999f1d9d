// Inserts many users with many sessions, by SQL: a million logins would take days.
import type pg from "pg";
import { digest, makeToken } from "../../src/auth/secrets/secret.ts";

/**
 * `count` sessions in total, five per user. `tokens` of them are usable and returned as request headers. All
 * users have the same display name.
 */
export const fillSessions = async (
  database: pg.Pool,
  options: { readonly count: number; readonly tokens: number; readonly expiredShare?: number },
): Promise<readonly string[]> => {
  const { count, tokens: tokenCount, expiredShare = 0 } = options;
  const tokens = Array.from({ length: tokenCount }, () => makeToken("gws_"));
  // With the challenges and logins with a provider that refer to them. A new database has none.
  await database.query("truncate sessions cascade");
  await database.query(
    `insert into users (id, username, canonical_username)
     select md5('user' || number)::uuid, 'alice', 'user' || number from generate_series(0, $1::int) as number
     on conflict do nothing`,
    [Math.ceil(count / sessionsPerUser)],
  );
  // The last use is in the future, so that no request has a use to record, which would be measured too.
  // Sessions with a usable token come first, and are spread over the users so that no two are neighbours.
  await database.query(
    `insert into sessions (id, user_id, cookie_digest, token_digest, last_used_at, idle_expires_at, absolute_expires_at)
     select gen_random_uuid(), md5('user' || number % $2::int)::uuid, sha256(('cookie' || number)::bytea),
       coalesce(($3::bytea[])[number + 1], sha256(('token' || number)::bytea)), now() + interval '1 hour',
       now() + case when number >= $4::int then interval '-1 day' else interval '30 days' end, now() + interval '180 days'
     from generate_series(0, $1::int - 1) as number`,
    [count, Math.ceil(count / sessionsPerUser), tokens.map(digest), Math.floor(count * (1 - expiredShare))],
  );
  // Autovacuum would otherwise run in the middle of the measurement.
  await database.query("vacuum analyze sessions");
  await database.query("vacuum analyze users");
  return tokens.map((token) => `Bearer ${token}`);
};

const sessionsPerUser = 5;
