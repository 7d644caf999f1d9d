// Counts the users of a list up to a bound, and estimates beyond it, so that no count reads more than a few thousand rows.
import { sql } from "kysely";
import type { ReadList } from "../../database/replica/open.ts";
import type { Database } from "../../database/tables.ts";
import { findCanonicalSearch } from "../text/searches.ts";
import { lastCharacter, rangesOf, type UserQuery, wholeList } from "./ranges.ts";

export interface UserCount {
  readonly totalCount: number;
  readonly isEstimate: boolean;
}

const maxCounted = 10_000;

/** Counts on the first call, and only once. */
export const countLater = (readList: ReadList, query: UserQuery): (() => Promise<UserCount>) => {
  let counting: Promise<UserCount> | undefined;
  return () => (counting ??= readList((database) => countUsers(database, query)));
};

const countUsers = async (database: Database, query: UserQuery): Promise<UserCount> => {
  const limit = maxCounted + 1;
  const { rows } = await sql<{ entries: number; users: number }>`
    select count(*)::int as entries, count(*) filter (where not "isRepeat")::int as users
    from (select "isRepeat" from (${rangesOf(query, wholeList, limit)}) as found limit ${limit}) as counted`.execute(
    database,
  );
  const { entries = 0, users = 0 } = rows[0] ?? {};
  if (entries <= maxCounted) return { totalCount: users, isEstimate: false };
  return { totalCount: Math.max(users, await estimate(database, query)), isEstimate: true };
};

/** The planner's estimate from the statistics of the last ANALYZE, without reading rows. */
const estimate = async (database: Database, query: UserQuery): Promise<number> => {
  const { role, isActive, emailVerified } = query;
  const prefix = findCanonicalSearch(query.search);
  const to = `${prefix}${lastCharacter}`;
  const conditions = [
    sql`true`,
    ...(role === null ? [] : [sql`role = ${role}`]),
    ...(isActive === null ? [] : [sql`is_active = ${isActive}`]),
    ...(emailVerified === null ? [] : [sql`(email_verified_at is not null) = ${emailVerified}`]),
    ...(prefix === null
      ? []
      : [
          sql`(canonical_username collate "C" >= ${prefix} and canonical_username collate "C" < ${to}
            or canonical_email collate "C" >= ${prefix} and canonical_email collate "C" < ${to})`,
        ]),
  ];
  const table = sql.table(role === null ? "users" : "role_members");
  const { rows } = await sql<{ "QUERY PLAN": readonly [{ Plan: { "Plan Rows": number } }] }>`
    explain (format json) select from ${table} where ${sql.join(conditions, sql` and `)}`.execute(database);
  return rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
};
