// Pages of a list: size and position. A cursor is opaque to clients, and is validated when it comes back.
import type { BrokenRule } from "../errors.ts";

export const maxItems = 100;
export const defaultItems = 20;

/** The maximum of PostgreSQL's bigint. */
const maxId = 9_223_372_036_854_775_807n;

export interface Page<Row> {
  /** In the order of the list, whichever way the page was read. */
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Where the next page begins, if not after the last row. */
  readonly endCursor?: string;
  /** Where the previous page ends, if not before the first row. */
  readonly startCursor?: string;
}

/** The arguments of a connection in Relay's specification. */
export interface PageInput {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export interface PageRange {
  readonly count: number;
  /** Sort keys, both exclusive; null for the beginning and the end of the list. */
  readonly after: string | null;
  readonly before: string | null;
  /** Whether the page is the last rows of the range. By default it is the first. */
  readonly isBackward: boolean;
}

/** Returns the range, or the broken rules. `isKey`: whether a text is a valid sort key of the list; by default, a row number. */
export const readPageRange = (
  { first = null, after = null, last = null, before = null }: PageInput,
  list: string,
  isKey: (text: string) => boolean = isRowNumber,
): { readonly problems: readonly BrokenRule[] } | { readonly range: PageRange } => {
  const isBackward = last !== null;
  const count = last ?? first ?? defaultItems;
  const keyOf = (cursor: string | null) => (cursor === null ? null : findCursorKey(cursor, list));
  const [afterKey, beforeKey] = [keyOf(after), keyOf(before)];
  const isUnknown = (cursor: string | null, key: string | null) =>
    cursor !== null && (key === null || !isKey(key));
  const problems = [
    ...(count < 1 || count > maxItems ? [outOfRange(isBackward ? "last" : "first")] : []),
    ...(first !== null && last !== null ? [bothWays] : []),
    ...(isUnknown(after, afterKey) ? [unknownCursor("after")] : []),
    ...(isUnknown(before, beforeKey) ? [unknownCursor("before")] : []),
  ];
  if (problems.length > 0) return { problems };
  return { range: { count, after: afterKey, before: beforeKey, isBackward } };
};

/** Contains the list's name, so that another list's cursor is refused. */
export const cursorOf = (list: string, key: string): string =>
  Buffer.from(`${list}:${key}`).toString("base64url");

const findCursorKey = (cursor: string, list: string): string | null => {
  const key = Buffer.from(cursor, "base64url")
    .toString()
    .slice(list.length + 1);
  // Compared with our own encoding, because decoding skips invalid characters.
  return cursorOf(list, key) === cursor ? key : null;
};

export const isRowNumber = (text: string): boolean => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= maxId;

/** Expects the rows in the order in which they were read, and one row more than the page, which shows whether there is another page. */
export const pageOf = <Row>(rows: readonly Row[], range: PageRange): Page<Row> => ({
  rows: inListOrder(rows.slice(0, range.count), range),
  ...otherPages(rows.length > range.count, range),
});

/** A page that is read backwards is read from its end. */
export const inListOrder = <Row>(
  rows: readonly Row[],
  { isBackward }: Pick<PageRange, "isBackward">,
): Row[] => (isBackward ? rows.toReversed() : [...rows]);

/**
 * `hasMore`: whether rows remain in the direction of reading. In the other direction is what the cursor came from, so that no
 * query is needed.
 */
export const otherPages = (hasMore: boolean, { after, before, isBackward }: PageRange) => ({
  hasNextPage: isBackward ? before !== null : hasMore,
  hasPreviousPage: isBackward ? hasMore : after !== null,
});

const outOfRange = (field: "first" | "last"): BrokenRule => ({
  field,
  rule: "range",
  message: `A page can have 1 to ${maxItems} items.`,
});
const bothWays: BrokenRule = {
  field: "last",
  rule: "direction",
  message: "A page is either the first or the last items: give `first` or `last`.",
};
const unknownCursor = (field: "after" | "before"): BrokenRule => ({
  field,
  rule: "cursor",
  message: "The cursor is not valid for this list.",
});
