// Pages of a list: how many, and after which row. A cursor is opaque to clients, and whatever they send is checked.
import type { BrokenRule } from "../errors.ts";

export const maxItems = 100;
const itemsUnlessAsked = 20;

/** The largest that PostgreSQL's bigint holds. */
const maxId = 9_223_372_036_854_775_807n;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  /** Where the next page begins, when that is not after the last row. */
  readonly endCursor?: string;
}

export interface PageInput {
  readonly first: number | null;
  readonly after: string | null;
}

export interface PageRange {
  readonly first: number;
  /** What the last row that the client has is ordered by; null for the first page. */
  readonly after: string | null;
}

/** Either the broken rules, or the range. `isKey`: whether the list can be ordered by such a text; row numbers unless told. */
export const readPageRange = (
  { first, after }: PageInput,
  list: string,
  isKey: (text: string) => boolean = isRowNumber,
): { readonly problems: readonly BrokenRule[] } | { readonly range: PageRange } => {
  const count = first ?? itemsUnlessAsked;
  const key = after === null ? null : findCursorKey(after, list);
  const isUnknown = after !== null && (key === null || !isKey(key));
  const problems = [
    ...(count < 1 || count > maxItems ? [outOfRange] : []),
    ...(isUnknown ? [unknownCursor] : []),
  ];
  return problems.length > 0 ? { problems } : { range: { first: count, after: key } };
};

/** Named after its list: another list's cursor must not be taken for one of this. */
export const cursorOf = (list: string, key: string): string =>
  Buffer.from(`${list}:${key}`).toString("base64url");

const findCursorKey = (cursor: string, list: string): string | null => {
  const key = Buffer.from(cursor, "base64url")
    .toString()
    .slice(list.length + 1);
  // Only what we would write ourselves: decoding skips what it does not know.
  return cursorOf(list, key) === cursor ? key : null;
};

const isRowNumber = (text: string): boolean => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= maxId;

/** One row more than asked for is read, and tells whether there is another page. */
export const pageOf = <Row>(rows: readonly Row[], first: number): Page<Row> => ({
  rows: rows.slice(0, first),
  hasNextPage: rows.length > first,
});

const outOfRange: BrokenRule = {
  field: "first",
  rule: "range",
  message: `A page has 1 to ${maxItems} items.`,
};
const unknownCursor: BrokenRule = {
  field: "after",
  rule: "cursor",
  message: "This is no cursor of this list.",
};
