// Whether a page of a long list costs more than one of a short list, for every filter and search.
import { comparisonColumns, plainRow, ratioRow } from "../comparison.ts";
import { type Asked, measurePage, type PageCase, type PageCost } from "../pages.ts";
import { fillEvents, fillUsers, rareOwner } from "../rows/page.ts";
import { connect } from "../servers/database.ts";
import { createAccount, startGraphward } from "../servers/graphward.ts";
import { logIn } from "../servers/login.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { median, ratioOf } from "../statistics.ts";
import { countCell, microsecondsCell, millisecondsCell } from "../table.ts";

const few = 1_000;
const many = 1_000_000;

const users = (name: string, given: string, rows = 20): PageCase => ({
  name: `users, ${name}`,
  query: `{ users(first: 20${given}) { nodes { id username email isActive emailVerified roles permissions } pageInfo { endCursor } } }`,
  rows,
});
const count = (name: string, given: string): PageCase => ({
  name: `totalCount, ${name}`,
  query: `{ users(first: 1${given}) { totalCount totalCountIsEstimate } }`,
  rows: null,
});
const events = (name: string, given: string, rows = 20): PageCase => ({
  name: `events, ${name}`,
  query: `{ auditEvents(first: 20${given}) { nodes { id at type actorId } pageInfo { endCursor } } }`,
  rows,
});
const half = Buffer.from("found-users:user5").toString("base64url");

const cases: readonly PageCase[] = [
  users("all", ""),
  users("active", ", filter: { isActive: true }"),
  users("inactive, all old", ", filter: { isActive: false }"),
  users("not verified, all old", ", filter: { emailVerified: false }"),
  users("of a role that half of them hold", ', filter: { role: "COMMON" }'),
  users("of a rare role, all old", ', filter: { role: "RARE" }'),
  users("of a rare role, inactive, searched", ', filter: { role: "RARE", isActive: false }, search: "rare"'),
  users("of no role that there is", ', filter: { role: "NONE" }', 0),
  users("searched, nearly all found", ', search: "user"'),
  users("searched, from the middle on", `, search: "user", after: "${half}"`),
  users("searched, few found", ', search: "rare"'),
  users("searched, none found", ', search: "zzz"', 0),
  users(
    "nearly all found, of a role that nobody of them holds",
    ', search: "user", filter: { role: "RARE" }',
    0,
  ),
  events("all", ""),
  events("of a kind that is common", ", type: LOGIN_SUCCEEDED"),
  events("of a kind that is rare, all old", ", type: ROLES_CHANGED"),
  events("of a kind that is not there", ", type: DATA_EXPORTED", 0),
  events("of a kind that this server does not know", ", type: UNKNOWN", 0),
  events("of one account, all old", `, userId: "${rareOwner}"`),
  events("of one account and kind", `, userId: "${rareOwner}", type: ROLES_CHANGED`),
  count("few", ', filter: { role: "RARE" }'),
  count("of all: counted to 10,000, then estimated", ""),
];

export const pagesTable: NamedTable = {
  name: "pages",
  description: "pages of accounts and events among 1,000,000, beside 1,000",
  isLong: true,
  async measure(setting) {
    const servers = [await prepare(setting, few), await prepare(setting, many)] as const;
    const results = await measureRounds(setting, servers);
    const of = (index: number, size: number, key: keyof PageCost) =>
      results.map((round) => round[index]?.[size]?.[key] ?? null);
    const measured = (index: number, size: number) =>
      `${microsecondsCell(median(of(index, size, "cpu")))} us CPU (${millisecondsCell(median(of(index, size, "time")))} ms)`;
    return {
      heading: `a page of 20 among ${countCell(many)} accounts and events, beside the same page among ${countCell(few)}: CPU with the database, and the time to the answer`,
      columns: comparisonColumns,
      rows: cases.flatMap(({ name, rows }, index) => [
        plainRow(`${name}, ${countCell(few)}`, measured(index, 0)),
        ratioRow(
          `${name}, ${countCell(many)}`,
          measured(index, 1),
          ratioOf(of(index, 1, "cpu"), of(index, 0, "cpu")),
          rows === null ? null : flat,
        ),
      ]),
    };
  },
};

/** Allows for noise, and for one more level of an index. */
const flat = { kind: "at most", value: 1.5 } as const;

const prepare = async ({ cleanup, cores }: Setting, count: number): Promise<Asked> => {
  const server = await startGraphward(cleanup, cores.server);
  const account = createAccount(server);
  const database = await connect(cleanup, server);
  await database.query("update users set roles = '{ADMIN}'");
  const { token } = await logIn(server, account);
  tell(`making ${countCell(count)} accounts and events`);
  await fillUsers(database, count);
  await fillEvents(database, count);
  return { ...server, token };
};

/** One pair per case and round: few and many rows, within seconds of each other. */
const measureRounds = async (
  { options: { duration, rounds } }: Setting,
  [small, large]: readonly [Asked, Asked],
) => {
  const results: (readonly (readonly [PageCost, PageCost])[])[] = [];
  for (let round = 1; round <= rounds; round++) {
    tell(`round ${round} of ${rounds}`);
    const pairs: (readonly [PageCost, PageCost])[] = [];
    for (const it of cases)
      pairs.push([await measurePage(small, it, duration), await measurePage(large, it, duration)]);
    results.push(pairs);
  }
  return results;
};
