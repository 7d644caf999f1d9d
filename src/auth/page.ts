// Pages of a list: how many, and after which row. A cursor is opaque to clients, and whatever they send is checked.
import type { BrokenRule } from "../errors.ts";

export const itemsAtMost = 100;
const itemsUnlessAsked = 20;

/** The largest that PostgreSQL's bigint holds. */
const largestId = 9_223_372_036_854_775_807n;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
}

export interface PageInput {
  readonly first: number | null;
  readonly after: string | null;
}

export interface PageRange {
  readonly first: number;
  /** Id of the last row that the client has; null for the first page. */
  readonly afterId: string | null;
}

/** For lists whose rows are numbered. Either the broken rules, or the range. */
export const readPageRange = (
  { first, after }: PageInput,
  list: string,
): { readonly problems: readonly BrokenRule[] } | { readonly range: PageRange } => {
  const count = first ?? itemsUnlessAsked;
  const afterId = after === null ? null : findCursorId(after, list);
  const problems = [
    ...(count < 1 || count > itemsAtMost ? [outOfRange] : []),
    ...(after !== null && afterId === null ? [unknownCursor] : []),
  ];
  return problems.length > 0 ? { problems } : { range: { first: count, afterId } };
};

/** Named after its list: another list's cursor must not be taken for one of this. */
export const cursorOf = (list: string, id: string): string =>
  Buffer.from(`${list}:${id}`).toString("base64url");

const findCursorId = (cursor: string, list: string): string | null => {
  const id = Buffer.from(cursor, "base64url")
    .toString()
    .slice(list.length + 1);
  if (!/^[1-9]\d{0,18}$/.test(id) || BigInt(id) > largestId) return null;
  // Only what we would write ourselves: decoding skips what it does not know.
  return cursorOf(list, id) === cursor ? id : null;
};

/** One row more than asked for is read, and tells whether there is another page. */
export const pageOf = <Row>(rows: readonly Row[], first: number): Page<Row> => ({
  rows: rows.slice(0, first),
  hasNextPage: rows.length > first,
});

const outOfRange: BrokenRule = {
  field: "first",
  rule: "range",
  message: `A page has 1 to ${itemsAtMost} items.`,
};
const unknownCursor: BrokenRule = {
  field: "after",
  rule: "cursor",
  message: "This is no cursor of this list.",
};
