// Lists users, a page at a time.
import { validate as isUuid } from "uuid";
import type { Database } from "../../database/tables.ts";
import { badUserInput } from "../../errors.ts";
import {
  cursorOf,
  inListOrder,
  otherPages,
  type Page,
  type PageInput,
  type PageRange,
  readPageRange,
} from "../page.ts";
import { isStorableText } from "../text/characters.ts";
import { findCanonicalSearch } from "../text/searches.ts";
import { type Entry, entriesOf, type UserQuery } from "./ranges.ts";
import { findShownUsers, type ShownUser } from "./shown-user.ts";

export type ListedUser = ShownUser & { readonly cursor: string };

/** Throws BAD_USER_INPUT for an invalid page. */
export const findUserPage = async (
  database: Database,
  query: UserQuery,
  input: PageInput,
): Promise<Page<ListedUser>> => {
  const prefix = findCanonicalSearch(query.search);
  const list = prefix === null ? "users" : "found-users";
  const isKey = (text: string) =>
    prefix === null ? isUuid(text) : isStorableText(text) && text.startsWith(prefix);
  const read = readPageRange(input, list, isKey);
  if ("problems" in read) throw badUserInput(read.problems);
  const { range } = read;
  const { entries, next } = await readEntries(database, query, range);
  const users = await findShownUsers(
    database,
    entries.map(({ id }) => id),
  );
  return {
    rows: inListOrder(entries, range).flatMap(({ id, key }) => {
      const user = users.get(id);
      // Deleted since the entries were read.
      return user === undefined ? [] : [{ ...user, cursor: cursorOf(list, key) }];
    }),
    ...otherPages(next !== null, range),
    ...(next !== null && { [range.isBackward ? "startCursor" : "endCursor"]: cursorOf(list, next) }),
  };
};

/** After this many rows that repeat users listed by username, the page may be shorter than requested, rather than slow. */
const maxRows = 1_000;

const readEntries = async (database: Database, query: UserQuery, range: PageRange) => {
  // Enough rows even if every user is found twice.
  const page = await readPage(database, query, range, 2 * (range.count + 1));
  return page.isWhole ? page : readPage(database, query, range, maxRows);
};

const readPage = async (database: Database, query: UserQuery, range: PageRange, limit: number) => {
  const { count } = range;
  const { rows } = await entriesOf(query, range, limit).execute(database);
  const found = rows.filter(({ isRepeat }) => !isRepeat);
  const isEnd = rows.length < limit && found.length <= count;
  const entries = found.slice(0, count);
  const last: Entry | undefined = found.length > count ? entries.at(-1) : rows.at(-1);
  return { entries, next: isEnd ? null : (last?.key ?? null), isWhole: isEnd || found.length > count };
};
