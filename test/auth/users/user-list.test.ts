import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bounds, entriesOf, type UserQuery, wholeList } from "../../../src/auth/users/ranges.ts";
import { Client } from "../../harness/client.ts";
import { until } from "../../harness/mail/mail.ts";
import { type App, startApp } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  AuditEventsDocument,
  CountUsersDocument,
  StandingDocument,
  UserDocument,
  type UserFilter,
  UsersDocument,
  type UsersQueryVariables,
} from "../../operations/generated/graphql.ts";

let app: App;
let administrator: Client;
beforeAll(async () => {
  app = await startApp();
  administrator = new Client(app);
  await administrator.logIn(await app.createUser({ username: "zz-admin", roles: ["ADMIN"] }), "TOKEN");
});
afterAll(() => app.close());

const read = async (variables: UsersQueryVariables, client = administrator) => {
  const answer = await client.run(UsersDocument, variables);
  const connection = answer.data?.users;
  if (!connection) throw new Error(`There is no page: ${answer.text}`);
  return connection;
};
const namesOf = ({ nodes }: { readonly nodes: readonly { readonly username: string }[] }) =>
  nodes.map(({ username }) => username);

/** Every page, in order. */
const readAll = async (variables: UsersQueryVariables, first = 7, between = async () => {}) => {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof read>> = await read({ ...variables, first, after });
    names.push(...namesOf(page));
    after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
    await between();
  } while (after !== null);
  return names;
};

/** Every page from the end, in the order of the list. */
const readAllBackward = async (variables: UsersQueryVariables, last = 7) => {
  const names: string[] = [];
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof read>> = await read({ ...variables, last, before });
    expect(page.pageInfo.hasNextPage).toBe(before !== null);
    names.unshift(...namesOf(page));
    before = page.pageInfo.hasPreviousPage ? (page.pageInfo.startCursor ?? null) : null;
  } while (before !== null);
  return names;
};

interface Row {
  readonly username: string;
  readonly email: string | null;
  readonly roles: readonly string[];
  readonly isActive: boolean;
  readonly isVerified: boolean;
}

/** As many as it takes for every combination: made by SQL, in the order of their ids. */
const insert = async (rows: readonly Row[]): Promise<void> => {
  await sql`insert into users (id, username, canonical_username, email, canonical_email, roles, is_active, email_verified_at)
    select ('01800000-0000-7000-8000-' || lpad(to_hex(place + ${inserted}), 12, '0'))::uuid, username, lower(username), email,
      lower(email), string_to_array(roles, ' '), active, case when verified then now() end
    from unnest(${rows.map(({ username }) => username)}::text[], ${rows.map(({ email }) => email)}::text[],
      ${rows.map(({ roles }) => roles.join(" "))}::text[], ${rows.map(({ isActive }) => isActive)}::boolean[],
      ${rows.map(({ isVerified }) => isVerified)}::boolean[])
      with ordinality as given (username, email, roles, active, verified, place)`.execute(app.database);
  inserted += rows.length;
};
let inserted = 0;

describe("who may see accounts", () => {
  test("nobody but holders of users:read, whose access tokens need the scope as well", async () => {
    const [reader, other] = [await app.createUser({ roles: ["READER"] }), await app.createUser()];
    await app.database
      .insertInto("roles")
      .values({ name: "READER", permissions: ["users:read"] })
      .execute();
    const [client, stranger] = [new Client(app), new Client(app)];
    await client.logIn(reader, "TOKEN");
    await stranger.logIn(other, "TOKEN");
    const scripts = [
      await createScript(app, reader, ["users:read"]),
      await createScript(app, reader, ["profile:read"]),
      await createScript(app, other, ["users:read"]),
    ];
    const clients = [client, stranger, new Client(app), ...scripts.map((script) => script.client)];
    const expected = [[], ["FORBIDDEN"], ["UNAUTHENTICATED"], [], ["FORBIDDEN"], ["FORBIDDEN"]];
    for (const [index, asking] of clients.entries()) {
      expect((await asking.run(UsersDocument, {})).codes).toEqual(expected[index]);
      expect((await asking.run(UserDocument, { id: reader.id })).codes).toEqual(expected[index]);
    }
  });

  test("they see what an account is, holds and does", async () => {
    const user = await app.createUser({ email: "Shown@example.com", roles: ["READER"] });
    await new Client(app).logIn(user);
    expect((await administrator.run(UserDocument, { id: user.id.toUpperCase() })).data?.user).toEqual({
      id: user.id,
      username: user.username,
      email: "Shown@example.com",
      isActive: true,
      emailVerified: true,
      roles: ["READER"],
      permissions: ["users:read"],
      createdAt: expect.any(String),
      lastLoginAt: expect.any(String),
    });
  });

  test("an account that is not there and an id that is none are NOT_FOUND", async () => {
    for (const id of ["00000000-0000-7000-8000-000000000000", "1", "", "x'; drop table users"])
      expect((await administrator.run(UserDocument, { id })).codes).toEqual(["NOT_FOUND"]);
  });

  test("everybody sees of themselves whether they are active and their address is proven", async () => {
    const user = await app.createUser({ email: "standing@example.com" });
    const client = new Client(app);
    await client.logIn(user, "TOKEN");
    const viewer = async () => (await client.run(StandingDocument)).data?.viewer;
    expect(await viewer()).toEqual({ isActive: true, emailVerified: true });
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    await until(async () => (await viewer())?.emailVerified === false);
    expect(await viewer()).toEqual({ isActive: true, emailVerified: false });
  });
});

describe("a page", () => {
  test("is the newest first, without gap and repeat while accounts are made", async () => {
    const before = namesOf(await read({ first: 100 }));
    expect(before.length).toBeGreaterThan(4);
    expect(await readAll({}, 2, async () => void (await app.createUser()))).toEqual(before);
  });

  test.each([0, -1, 101])("of %s is BAD_USER_INPUT", async (first) => {
    expect((await administrator.run(UsersDocument, { first })).errors[0]?.extensions.fields).toMatchObject([
      { field: "first", rule: "range" },
    ]);
  });

  test("has 20 accounts unless asked, and tells where it ended", async () => {
    const rows = Array.from({ length: 21 }, (_, index) => `page-${String(index).padStart(2, "0")}`);
    await insert(rows.map((username) => ({ ...ordinary, username })));
    const page = await read({ search: "page-" });
    expect(namesOf(page)).toEqual(rows.slice(0, 20));
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0]?.cursor,
      endCursor: page.edges.at(-1)?.cursor,
    });
    const last = await read({ search: "page-", after: page.pageInfo.endCursor ?? null });
    expect([namesOf(last), last.pageInfo.hasNextPage]).toEqual([rows.slice(20), false]);
  });

  const cursor = (text: string) => Buffer.from(text).toString("base64url");
  test("refuses another list's cursor, another search's, and what is none", async () => {
    const { data } = await administrator.run(AuditEventsDocument, { first: 1 });
    const [newest, found] = [await read({ first: 1 }), await read({ first: 1, search: "page-" })];
    const ofAudit = data?.auditEvents?.pageInfo.endCursor ?? "";
    const [ofAll, ofSearch] = [newest.pageInfo.endCursor ?? "", found.pageInfo.endCursor ?? ""];
    expect([ofAudit, ofAll, ofSearch].map((text) => text.length > 10)).toEqual([true, true, true]);
    const wrong = [
      { after: ofAudit },
      { after: ofSearch },
      { after: ofAll, search: "page-" },
      { after: ofSearch, search: "pagf" },
      { after: cursor("users:1") },
      { after: cursor("users:") },
      { after: `${ofAll}=` },
      { after: "" },
      { after: cursor("found-users:page-\0"), search: "page-" },
      {
        after: Buffer.from([...Buffer.from("found-users:page-"), 0xff]).toString("base64url"),
        search: "page-",
      },
    ];
    for (const variables of wrong) {
      const { errors } = await administrator.run(UsersDocument, variables);
      expect([variables, errors[0]?.extensions.fields]).toMatchObject([
        variables,
        [{ field: "after", rule: "cursor" }],
      ]);
    }
    for (const variables of [
      { after: ofAll, filter: { isActive: true } },
      { after: ofSearch, search: "PAGE" },
    ])
      expect((await administrator.run(UsersDocument, variables)).codes).toEqual([]);
  });
});

const ordinary: Omit<Row, "username"> = { email: null, roles: [], isActive: true, isVerified: false };

describe("a search", () => {
  test("finds by the beginning of the username or the address, in any case, the exact one first", async () => {
    await insert([
      { ...ordinary, username: "findable-two" },
      { ...ordinary, username: "Findable" },
      { ...ordinary, username: "other-one", email: "Findable@example.org" },
      { ...ordinary, username: "not-findable", email: "not.findable@example.org" },
    ]);
    for (const search of ["findable", "FindAble", " findable "])
      expect(namesOf(await read({ search }))).toEqual(["Findable", "findable-two", "other-one"]);
    expect(namesOf(await read({ search: "findable@EXAMPLE" }))).toEqual(["other-one"]);
    expect(namesOf(await read({ search: "indable" }))).toEqual([]);
  });

  test("finds an account once, though both its names begin so", async () => {
    const both = ["twice-1", "twice-2", "twice-3", "twice-4", "twice-5"];
    await insert(both.map((username) => ({ ...ordinary, username, email: `${username}@example.org` })));
    expect((await readAll({ search: "twice" }, 2)).sort()).toEqual(both);
    expect(await readAll({ search: "twice" }, 100)).toEqual(both);
  });

  test("takes every character for itself", async () => {
    await insert([
      { ...ordinary, username: "under_score" },
      { ...ordinary, username: "under-score" },
      { ...ordinary, username: "percent", email: "100%sure@example.org" },
    ]);
    expect(namesOf(await read({ search: "under_" }))).toEqual(["under_score"]);
    expect(namesOf(await read({ search: "100%" }))).toEqual(["percent"]);
    for (const search of ["%", "_", "\\", "percen_", "under\\", "'", "\u{10FFFF}", "ü".repeat(300)])
      expect(namesOf(await read({ search }))).toEqual([]);
    expect((await administrator.run(UsersDocument, { search: "a\0" })).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("compares names of any script and addresses as they are stored", async () => {
    await app.createUser({ username: "Çağla", email: "cagla@bücher.example" });
    expect(namesOf(await read({ search: "ÇAĞ" }))).toEqual(["Çağla"]);
    expect(namesOf(await read({ search: "cagla@BÜCHER.example" }))).toEqual(["Çağla"]);
  });

  test("for nothing is the whole list, newest first", async () => {
    expect(namesOf(await read({ search: " ", first: 3 }))).toEqual(namesOf(await read({ first: 3 })));
  });

  test("with a thousand repeats in a row gives a shorter page, and goes on", async () => {
    const names = Array.from({ length: 1_500 }, (_, index) => `run-${String(index).padStart(4, "0")}`);
    await insert(
      names.map((username) => ({ ...ordinary, username, email: `${username.replace("-", "_")}@x.org` })),
    );
    await insert([{ ...ordinary, username: "last-of-run", email: "run~@x.org" }]);
    const after = Buffer.from("found-users:run-1499").toString("base64url");
    const short = await read({ search: "run", first: 5, after });
    expect([namesOf(short), short.pageInfo.hasNextPage]).toEqual([[], true]);
    const next = await read({ search: "run", first: 5, after: short.pageInfo.endCursor ?? null });
    expect([namesOf(next), next.pageInfo.hasNextPage]).toEqual([["last-of-run"], false]);
    expect(await readAll({ search: "run" }, 100)).toEqual([...names, "last-of-run"]);
    expect(await readAllBackward({ search: "run" }, 100)).toEqual([...names, "last-of-run"]);
  });
});

describe("with filters, searched or not, every page is what a look at every account would give", () => {
  const words = ["ann", "anna", "bob", "an"];
  const rows: readonly Row[] = Array.from({ length: 240 }, (_, index) => ({
    username: `f.${words[index % 4]}${index}`,
    email:
      index % 5 === 0
        ? null
        : `f.${words[(index * 7) % 4]}${index % 3 === 0 ? index : index + 240}@example.net`,
    roles: [...(index % 3 === 0 ? ["COMMON"] : []), ...(index < 4 ? ["OLD"] : [])],
    isActive: index % 8 !== 1,
    isVerified: index % 5 !== 0 && index % 4 !== 2,
  }));
  beforeAll(() => insert(rows));

  const filters: readonly UserFilter[] = [
    {},
    ...[true, false].flatMap((isActive) => [{ isActive }, { isActive, role: "COMMON" }]),
    ...[true, false].flatMap((emailVerified) => [{ emailVerified }, { emailVerified, isActive: false }]),
    { role: "COMMON" },
    { role: "OLD" },
    { role: "OLD", isActive: true, emailVerified: true },
    { role: "common" },
    { role: null, isActive: null, emailVerified: null },
  ];
  const expected = (filter: UserFilter, search: string) =>
    rows
      .filter(({ username, email }) => username.startsWith(search) || email?.startsWith(search))
      .filter(({ roles }) => !filter.role || roles.includes(filter.role))
      .filter(({ isActive }) => isActive === (filter.isActive ?? isActive))
      .filter(({ isVerified }) => isVerified === (filter.emailVerified ?? isVerified))
      .map(({ username }) => username)
      .sort();

  test.each(filters.map((filter) => [filter]))("%j", async (filter) => {
    for (const search of ["f.", "f.an", "f.ann", "f.bob2", "f.ann9@"]) {
      const found = await readAll({ filter, search }, 23);
      expect(found.toSorted()).toEqual(expected(filter, search));
      expect(await readAllBackward({ filter, search }, 23)).toEqual(found);
      const counted = await administrator.run(CountUsersDocument, { filter, search });
      expect(counted.data?.users).toEqual({ totalCount: found.length, totalCountIsEstimate: false });
    }
    const all = (await readAll({ filter }, 100)).filter((name) => name.startsWith("f."));
    expect(all.toSorted()).toEqual(expected(filter, "f."));
    expect(all).toEqual(
      rows
        .map(({ username }) => username)
        .reverse()
        .filter((name) => all.includes(name)),
    );
  });
});

test("the list of a role follows every change of an account, whoever makes it", async () => {
  const user = await app.createUser({
    username: "follow",
    email: "follow@example.net",
    roles: ["MOVED", "MOVED"],
  });
  const row = app.database.updateTable("users").where("id", "=", user.id);
  const found = async (filter: UserFilter, search: string | null = null) =>
    namesOf(await read({ filter: { ...filter, role: filter.role ?? "MOVED" }, search }));
  expect(await found({ isActive: true, emailVerified: true }, "follow")).toEqual(["follow"]);
  await row.set({ is_active: false, email_verified_at: null }).execute();
  expect(await found({ isActive: true })).toEqual([]);
  expect(await found({ isActive: false, emailVerified: false })).toEqual(["follow"]);
  await row.set({ canonical_username: "renamed", canonical_email: "readdressed@example.net" }).execute();
  expect([await found({}, "follow"), await found({}, "ren"), await found({}, "readd")]).toEqual([
    [],
    ["follow"],
    ["follow"],
  ]);
  await row.set({ roles: ["ELSEWHERE"] }).execute();
  expect([await found({}), await found({ role: "ELSEWHERE" })]).toEqual([[], ["follow"]]);
  await app.database.deleteFrom("users").where("id", "=", user.id).execute();
  expect(await found({ role: "ELSEWHERE" })).toEqual([]);
  expect(
    await app.database.selectFrom("role_members").select("id").where("id", "=", user.id).execute(),
  ).toEqual([]);
});

describe("among twenty thousand accounts", () => {
  const many = 20_000;
  beforeAll(async () => {
    // The old ones are what is rare: a walk from the newest would read all the others first.
    const rows = Array.from({ length: many }, (_, index) => ({
      username: `many${index}`,
      email: `many${index}@example.com`,
      roles: index < 500 ? ["OLDEST"] : [],
      isActive: index >= 500,
      isVerified: index >= 500,
    }));
    // In parts: each statement has a time limit.
    for (let at = 0; at < many; at += 2_000) await insert(rows.slice(at, at + 2_000));
  });

  const queries: readonly Partial<UserQuery>[] = [
    {},
    { isActive: true },
    { isActive: false },
    { emailVerified: false, isActive: false },
    { role: "OLDEST" },
    { role: "OLDEST", isActive: true },
    { role: "NOBODYS" },
    { search: "many" },
    { search: "many12345" },
    { search: "many1", isActive: false },
    { search: "many1", role: "OLDEST" },
    { search: "nobody" },
    { search: "many", isActive: false, emailVerified: true },
  ];
  const nobody = { search: null, role: null, isActive: null, emailVerified: null };

  const scansFor = async (query: Partial<UserQuery>) => [
    ...(await scansOfPage(query, wholeList)),
    ...(await scansOfPage(query, { ...wholeList, isBackward: true })),
  ];
  const scansOfPage = async (query: Partial<UserQuery>, bounds: Bounds) => {
    const entries = entriesOf({ ...nobody, ...query }, bounds, 21);
    const { rows } = await sql<{ "QUERY PLAN": readonly [{ Plan: Plan }] }>`
      explain (analyze, format json) ${entries}`.execute(app.database);
    const scans = scansOf(rows[0]?.["QUERY PLAN"][0].Plan);
    expect(scans.length).toBeGreaterThan(0);
    return scans;
  };
  const asked = queries.map((query) => [query] as const);

  test.each(asked)("a page of %j reads little, also before the planner knows them", async (query) => {
    // A small table that was never analyzed may be read whole.
    for (const scan of await scansFor(query)) expect(scan.read).toBeLessThan(1_000);
  });

  test.each(asked)("a page of %j reads what it shows and no more", async (query) => {
    await sql`analyze users, role_members`.execute(app.database);
    for (const scan of await scansFor(query)) {
      expect(scan["Node Type"]).toMatch(/^Index/);
      expect(scan.read).toBeLessThanOrEqual(21);
    }
  });

  test("they are counted to ten thousand, and then estimated", async () => {
    const count = async (variables: { search?: string; filter?: UserFilter }) =>
      (await administrator.run(CountUsersDocument, variables)).data?.users;
    expect(await count({ filter: { role: "OLDEST" } })).toEqual({
      totalCount: 500,
      totalCountIsEstimate: false,
    });
    expect(await count({ search: "many1234" })).toEqual({ totalCount: 11, totalCountIsEstimate: false });
    for (const variables of [{}, { search: "many" }, { filter: { isActive: true, emailVerified: true } }]) {
      const answer = await count(variables);
      expect(answer?.totalCountIsEstimate).toBe(true);
      expect(answer?.totalCount).toBeGreaterThan(many / 2);
      expect(answer?.totalCount).toBeLessThan(many * 2);
    }
  });
});

interface Plan {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

const scansOf = (plan: Plan | undefined): readonly (Plan & { readonly read: number })[] => [
  ...(plan?.["Node Type"].endsWith("Scan") && plan["Node Type"] !== "Subquery Scan"
    ? [{ ...plan, read: plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0) }]
    : []),
  ...(plan?.Plans ?? []).flatMap(scansOf),
];
