// Pages of a list: size and position. A cursor is opaque to clients, and is validated when it comes back.
import type { BrokenRule } from "../errors.ts";

export const maxItems = 100;
const defaultItems = 20;

/** The maximum of PostgreSQL's bigint. */
const maxId = 9_223_372_036_854_775_807n;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  /** Where the next page begins, if not after the last row. */
  readonly endCursor?: string;
}

export interface PageInput {
  readonly first: number | null;
  readonly after: string | null;
}

export interface PageRange {
  readonly first: number;
  /** The sort key of the client's last row; null for the first page. */
  readonly after: string | null;
}

/** Returns the range, or the broken rules. `isKey`: whether a text is a valid sort key of the list; by default, a row number. */
export const readPageRange = (
  { first, after }: PageInput,
  list: string,
  isKey: (text: string) => boolean = isRowNumber,
): { readonly problems: readonly BrokenRule[] } | { readonly range: PageRange } => {
  const count = first ?? defaultItems;
  const key = after === null ? null : findCursorKey(after, list);
  const isUnknown = after !== null && (key === null || !isKey(key));
  const problems = [
    ...(count < 1 || count > maxItems ? [outOfRange] : []),
    ...(isUnknown ? [unknownCursor] : []),
  ];
  return problems.length > 0 ? { problems } : { range: { first: count, after: key } };
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

const isRowNumber = (text: string): boolean => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= maxId;

/** Expects one row more than the page, which shows whether there is another page. */
export const pageOf = <Row>(rows: readonly Row[], first: number): Page<Row> => ({
  rows: rows.slice(0, first),
  hasNextPage: rows.length > first,
});

const outOfRange: BrokenRule = {
  field: "first",
  rule: "range",
  message: `A page can have 1 to ${maxItems} items.`,
};
const unknownCursor: BrokenRule = {
  field: "after",
  rule: "cursor",
  message: "The cursor is not valid for this list.",
};
