// Where a list of accounts lies: in a few ranges of an index, whatever is asked for, so that a page costs the same among any number.
import { type RawBuilder, sql } from "kysely";
import { NIL as firstId, MAX as lastId } from "uuid";
import { findCanonicalSearch } from "../text/searches.ts";

export interface UserQuery {
  /** The beginning of a username or an address, as typed. Null or blank: everybody. */
  readonly search: string | null;
  readonly role: string | null;
  readonly isActive: boolean | null;
  readonly emailVerified: boolean | null;
}

export interface Entry {
  readonly id: string;
  /** What it is ordered by: the id, or the username or address that was found. */
  readonly key: string;
  /** Found by its address, and by its username too. */
  readonly isRepeat: boolean;
}

/** Newest first. What is searched for comes in its own order, the exact match first: by age, all of it would have to be read. */
export const entriesOf = (query: UserQuery, after: string | null, limit: number): RawBuilder<Entry> => {
  const direction = findCanonicalSearch(query.search) === null ? sql`desc` : sql`asc`;
  const ranges = rangesOf(query, after, limit);
  return sql`select id, key, "isRepeat" from (${ranges}) as found order by key ${direction} limit ${limit}`;
};

/** At most `limit` of each range, in no order. */
export const rangesOf = (query: UserQuery, after: string | null, limit: number): RawBuilder<Entry> => {
  const stretches = stretchesOf(findCanonicalSearch(query.search), after);
  const ranges = statesOf(query).flatMap((state) =>
    stretches.map((stretch) => rangeOf(state, stretch, limit)),
  );
  return sql`${sql.join(ranges, sql` union all `)}`;
};

interface State {
  readonly role: string | null;
  readonly isActive: boolean;
  readonly isVerified: boolean;
}

const statesOf = ({ role, isActive, emailVerified }: UserQuery): readonly State[] =>
  either(isActive).flatMap((active) =>
    either(emailVerified).map((isVerified) => ({ role, isActive: active, isVerified })),
  );

const either = (asked: boolean | null): readonly boolean[] => (asked === null ? [true, false] : [asked]);

/** Of the index that ends in `key`. */
interface Stretch {
  readonly key: RawBuilder<unknown>;
  readonly direction: "asc" | "desc";
  readonly from: string;
  readonly isFromIncluded: boolean;
  /** Never included. */
  readonly to: string;
  readonly isRepeat: RawBuilder<boolean>;
}

const stretchesOf = (prefix: string | null, after: string | null): readonly Stretch[] => {
  if (prefix === null) {
    const ids = { from: firstId, isFromIncluded: false, to: after ?? lastId };
    return [{ ...ids, key: sql`id`, direction: "desc", isRepeat: no }];
  }
  const found = {
    direction: "asc",
    from: after ?? prefix,
    isFromIncluded: after === null,
    to: prefix + lastCharacter,
  } as const;
  const addresses = { ...found, key: address, isRepeat: no };
  // No username holds an @.
  if (prefix.includes("@")) return [addresses];
  const isRepeat = sql<boolean>`(${username} >= ${prefix} and ${username} < ${found.to})`;
  return [
    { ...found, key: username, isRepeat: no },
    { ...addresses, isRepeat },
  ];
};

/** The collation of the indexes: byte by byte, where all that begins alike lies together. */
const username = sql`canonical_username collate "C"`;
const address = sql`canonical_email collate "C"`;
const no = sql<boolean>`false`;

/** Of Unicode, and of no name or address: behind all that begins with what is before it. */
export const lastCharacter = "\u{10FFFF}";

/**
 * Rows are compared, and ordered by all their columns, so that no other index will do: the planner would choose to walk along
 * the primary key and leave out what does not fit, which is a million rows when what fits is old.
 */
const rangeOf = (
  { role, isActive, isVerified }: State,
  stretch: Stretch,
  limit: number,
): RawBuilder<Entry> => {
  const { key, direction, from, isFromIncluded, to, isRepeat } = stretch;
  const table = role === null ? "users" : "role_members";
  const columns = [
    ...(role === null ? [] : [sql`role`]),
    sql`is_active`,
    sql`(email_verified_at is not null)`,
    key,
  ];
  const row = (last: string) => sql.join([...(role === null ? [] : [role]), isActive, isVerified, last]);
  const order = sql.join(columns.map((column) => sql`${column} ${sql.raw(direction)}`));
  return sql`(select id, ${key} as key, ${isRepeat} as "isRepeat" from ${sql.table(table)}
    where (${sql.join(columns)}) ${sql.raw(isFromIncluded ? ">=" : ">")} (${row(from)})
      and (${sql.join(columns)}) < (${row(to)})
    order by ${order} limit ${limit})`;
};
