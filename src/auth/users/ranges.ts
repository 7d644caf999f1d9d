// Finds users in a few ranges of an index for every filter, so that a page costs the same for any number of users.
import { type RawBuilder, sql } from "kysely";
import { NIL as firstId, MAX as lastId } from "uuid";
import type { PageRange } from "../page.ts";
import { findCanonicalSearch } from "../text/searches.ts";

export interface UserQuery {
  /** The beginning of a username or email, as typed. Null or blank: every user. */
  readonly search: string | null;
  readonly role: string | null;
  readonly isActive: boolean | null;
  readonly emailVerified: boolean | null;
}

export interface Entry {
  readonly id: string;
  /** The sort key: the id, or the username or email that matched. */
  readonly key: string;
  /** Matched by email, but by username too. */
  readonly isRepeat: boolean;
}

export type Bounds = Pick<PageRange, "after" | "before" | "isBackward">;

export const wholeList: Bounds = { after: null, before: null, isBackward: false };

const directionOf = (prefix: string | null, { isBackward }: Bounds): "asc" | "desc" =>
  (prefix === null) === isBackward ? "asc" : "desc";

/** Newest first, and backwards oldest first. Search results are in alphabetical order, the exact match first: sorting them by age would read every match. */
export const entriesOf = (query: UserQuery, bounds: Bounds, limit: number): RawBuilder<Entry> => {
  const direction = sql.raw(directionOf(findCanonicalSearch(query.search), bounds));
  const ranges = rangesOf(query, bounds, limit);
  return sql`select id, key, "isRepeat" from (${ranges}) as found order by key ${direction} limit ${limit}`;
};

/** Up to `limit` rows of each range, unordered. */
export const rangesOf = (query: UserQuery, bounds: Bounds, limit: number): RawBuilder<Entry> => {
  const stretches = stretchesOf(findCanonicalSearch(query.search), bounds);
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

/** A range of the index that ends in `key`. */
interface Stretch {
  readonly key: RawBuilder<unknown>;
  readonly direction: "asc" | "desc";
  readonly from: string;
  readonly isFromIncluded: boolean;
  /** Exclusive. */
  readonly to: string;
  readonly isRepeat: RawBuilder<boolean>;
}

const stretchesOf = (prefix: string | null, bounds: Bounds): readonly Stretch[] => {
  const { after, before } = bounds;
  const direction = directionOf(prefix, bounds);
  if (prefix === null) {
    const ids = { from: before ?? firstId, isFromIncluded: false, to: after ?? lastId };
    return [{ ...ids, key: sql`id`, direction, isRepeat: no }];
  }
  const end = prefix + lastCharacter;
  const found = { direction, from: after ?? prefix, isFromIncluded: after === null, to: before ?? end };
  const addresses = { ...found, key: address, isRepeat: no };
  // No username contains an @.
  if (prefix.includes("@")) return [addresses];
  const isRepeat = sql<boolean>`(${username} >= ${prefix} and ${username} < ${end})`;
  return [
    { ...found, key: username, isRepeat: no },
    { ...addresses, isRepeat },
  ];
};

/** The collation of the indexes: byte order, in which all texts with one prefix are adjacent. */
const username = sql`canonical_username collate "C"`;
const address = sql`canonical_email collate "C"`;
const no = sql<boolean>`false`;

/** The last character of Unicode, in no name or email: it sorts after every continuation of a prefix. */
export const lastCharacter = "\u{10FFFF}";

/**
 * Compares and orders by row values of all columns, so that only this index fits: otherwise the planner would walk the primary
 * key and skip rows that do not match, up to a million when the matches are old.
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
