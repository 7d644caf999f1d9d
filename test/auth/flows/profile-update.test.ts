import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, Client, logInAs } from "../../harness/client.ts";
import { answerFromMemory } from "../../harness/database/answers-from-memory.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startTwoServers, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  AuditEventsDocument,
  ChangePasswordDocument,
  CreateUserDocument,
  ExportMyDataDocument,
  LogInDocument,
  ProfileDocument,
  RegisterDocument,
  UpdateProfileDocument,
  UpdateUserDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let there: App;
let administrator: Client;
let user: User;
let client: Client;
beforeAll(async () => {
  ({ here: app, there } = await startTwoServers());
  administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  client = await logInAs(app, user);
});

const newName = () => `name-${randomBytes(6).toString("hex")}`;
const rulesOf = ({ errors }: Answer<unknown>) =>
  (errors[0]?.extensions.fields as { field: string; rule: string }[] | undefined)?.map(
    ({ field, rule }) => `${field} ${rule}`,
  );
const update = async (profile: object, caller = client) => {
  const answer = await caller.run(UpdateProfileDocument, profile);
  return { ...answer, user: answer.data?.updateProfile?.user, rules: rulesOf(answer) };
};
const storedOf = (id: string) =>
  app.database
    .selectFrom("users")
    .select(["display_name as displayName", "locale"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
const idOf = async (username: string) =>
  (
    await app.database
      .selectFrom("users")
      .select("id")
      .where("username", "=", username)
      .executeTakeFirstOrThrow()
  ).id;

test("what is absent stays, null removes, and each change is answered and kept in its canonical form", async () => {
  const { id, username } = user;
  const steps = [
    [
      { displayName: "  Zoe\u0308 Müller\n", locale: " DE-at " },
      { displayName: "Zoë Müller", locale: "de-AT" },
    ],
    [{}, { displayName: "Zoë Müller", locale: "de-AT" }],
    [{ displayName: "Zoë" }, { displayName: "Zoë", locale: "de-AT" }],
    [{ locale: null }, { displayName: "Zoë", locale: null }],
    [
      { displayName: null, locale: "iw" },
      { displayName: null, locale: "he" },
    ],
  ] as const;
  for (const [given, expected] of steps) {
    expect((await update(given)).user).toEqual({ id, username, ...expected });
    expect(await storedOf(id)).toEqual(expected);
    expect((await client.run(ProfileDocument)).data?.viewer).toEqual({ id, ...expected });
  }
});

test("two users may call themselves the same, and as the username of another", async () => {
  const other = await app.createUser();
  const displayName = other.username;
  expect((await update({ displayName })).user?.displayName).toBe(displayName);
  expect((await update({ displayName }, await logInAs(app, other))).user?.displayName).toBe(displayName);
});

test.each([
  ["Anna-Maria O'Neill (she/her)"],
  ["山田 太郎"],
  ["علی\u200cرضا"],
  ["क्\u200dष"],
  ["\u{1f469}\u200d\u{1f680} Ada ❤\ufe0f"],
  ["🙂".repeat(100)],
])("the display name %s is kept as it is", async (displayName) => {
  expect((await update({ displayName })).user?.displayName).toBe(displayName);
});

describe("a display name with nothing to read, with too much, or with what hides the rest", () => {
  test.each([
    ["", "required"],
    [" \n\t", "required"],
    ["x".repeat(101), "max_length"],
    ["x".repeat(10_000), "max_length"],
    ["e\u0301\u0300".repeat(3_000), "max_length"],
    ["two\nlines", "characters"],
    ["\u202eadmin", "characters"],
    ["a\u2066b", "characters"],
    ["zero\u200bwidth", "characters"],
    ["\u200d", "characters"],
    ["a\u200d\u200db", "characters"],
    ["\u3164", "characters"],
    ["soft\u00adhyphen", "characters"],
    ["bell\u0007", "characters"],
    ["\u2800", "characters"],
    ["\u0301\u0301", "characters"],
    [`a${"\u0316".repeat(5)}`, "characters"],
  ])("is refused, and nothing changes: %j (%s)", async (displayName, rule) => {
    await update({ displayName: "before", locale: "de" });
    expect((await update({ displayName, locale: "fr" })).rules).toEqual([`displayName ${rule}`]);
    expect(await storedOf(user.id)).toEqual({ displayName: "before", locale: "de" });
  });
});

test.each([["de-AT"], ["zh-Hant-TW"], ["en-US-u-ca-gregory-nu-latn"], ["sr-Latn"], ["es-419"]])(
  "the locale %s is kept",
  async (locale) => {
    expect((await update({ locale })).user?.locale).toBe(locale);
  },
);

test.each([
  [""],
  ["e"],
  ["en_US"],
  ["de-"],
  ["deutsch!"],
  ["en-US-u-ca-gregory-nu-latn-hc-h23-co-phonebk"],
  ["x"],
])("the locale %j is refused, together with a broken name", async (locale) => {
  expect((await update({ displayName: "", locale })).rules).toEqual([
    "displayName required",
    "locale format",
  ]);
  expect(await storedOf(user.id)).toEqual({ displayName: null, locale: null });
});

test("a change is seen at once on the server that made it, and soon on every other", async () => {
  const other = new Client(there, client);
  const admin = new pg.Client(app.config.databaseUrl ?? "");
  await admin.connect();
  // Otherwise the other server reads it again with every request, and needs no notice.
  const isCached = async () => {
    await other.run(ProfileDocument);
    return answerFromMemory(admin, () => other.run(ProfileDocument));
  };
  await expect.poll(isCached).not.toBeNull();
  const names = async (caller: Client) => (await caller.run(ProfileDocument)).data?.viewer;
  await update({ displayName: "Marguerite", locale: "fr" });
  expect(await names(client)).toMatchObject({ displayName: "Marguerite", locale: "fr" });
  await expect.poll(() => names(other)).toMatchObject({ displayName: "Marguerite", locale: "fr" });
  await expect.poll(isCached).not.toBeNull();
  await update({ locale: "fr-CA" });
  await expect.poll(() => names(other)).toMatchObject({ locale: "fr-CA" });
  await admin.end();
});

test("each change of either sends a notice to all servers, and no change sends none", async () => {
  const heard: string[] = [];
  const listener = app.server.database.createClient();
  await listener.connect();
  listener.on("notification", ({ payload = "" }) => payload.startsWith("beat ") || heard.push(payload));
  await listener.query("listen graphward_revocations");
  await update({ displayName: "Marguerite" });
  await update({ displayName: "Marguerite" });
  await update({ locale: "fr" });
  // The last notice: all before it have arrived.
  const other = await app.createUser();
  await app.database.updateTable("users").set({ is_active: false }).where("id", "=", other.id).execute();
  await expect.poll(() => heard.at(-1)).toBe(other.id);
  expect(heard).toEqual([user.id, user.id, other.id]);
  await listener.end();
});

test("an access token needs profile:write to change them, and profile:read to read what is the user's own", async () => {
  const reader = await createScript(app, user, ["profile:read"]);
  expect((await update({ displayName: "by a script" }, reader.client)).codes).toEqual(["FORBIDDEN"]);
  const writer = await createScript(app, user, ["profile:write"]);
  const written = await update({ displayName: "by a script", locale: "nl" }, writer.client);
  expect(written.user).toMatchObject({ displayName: "by a script", locale: null });
  expect(await storedOf(user.id)).toEqual({ displayName: "by a script", locale: "nl" });
  const both = await createScript(app, user, ["profile:read", "profile:write"]);
  expect((await update({}, both.client)).user).toMatchObject({ locale: "nl" });
});

test("an event names what changed, who did it and by which token, and never a value; no change is no event", async () => {
  const trail = async () =>
    (await client.run(AuditEventsDocument, { type: "PROFILE_CHANGED" })).data?.auditEvents?.nodes;
  await update({ displayName: "Marguerite" });
  await update({ displayName: "Marguerite" });
  await update({});
  expect(await trail()).toEqual([
    expect.objectContaining({ userId: user.id, actorId: user.id, details: { fields: ["displayName"] } }),
  ]);
  const script = await createScript(app, user, ["profile:write"]);
  await update({ displayName: "Duras", locale: "fr" }, script.client);
  expect((await trail())?.[0]).toMatchObject({
    details: { fields: ["displayName", "locale"], accessTokenId: script.id },
  });
  const { data } = await administrator.run<{ viewer: { id: string } }>("{ viewer { id } }");
  await administrator.run(UpdateUserDocument, { id: user.id, input: { displayName: null } });
  expect((await trail())?.[0]).toMatchObject({
    actorId: data?.viewer.id,
    details: { fields: ["displayName"] },
  });
  expect(await trail()).toHaveLength(3);
  expect(JSON.stringify(await trail())).not.toMatch(/Marguerite|Duras|"fr"/);
});

describe("they can be given", () => {
  const profile = { displayName: " Given Name ", locale: "PT-br" };
  const stored = { displayName: "Given Name", locale: "pt-BR" };
  const broken = { displayName: "\u202e", locale: "en_US" };
  const refused = ["displayName characters", "locale format"];

  test("at a registration, or not", async () => {
    const account = (more: object) => {
      const username = newName();
      return { username, email: `${username}@example.org`, password: "a quiet tram at dawn", ...more };
    };
    const [given, without] = [account(profile), account({})];
    for (const input of [given, without]) await new Client(app).run(RegisterDocument, { input });
    expect(await storedOf(await idOf(given.username))).toEqual(stored);
    expect(await storedOf(await idOf(without.username))).toEqual({ displayName: null, locale: null });
    expect(rulesOf(await new Client(app).run(RegisterDocument, { input: account(broken) }))).toEqual(refused);
  });

  test("by an administrator, to a new user and to one who is there, where null removes and absent keeps", async () => {
    const username = newName();
    const input = { username, email: `${username}@example.org` };
    expect(rulesOf(await administrator.run(CreateUserDocument, { input: { ...input, ...broken } }))).toEqual(
      refused,
    );
    await administrator.run(CreateUserDocument, { input: { ...input, ...profile } });
    const id = await idOf(username);
    expect(await storedOf(id)).toEqual(stored);
    const updateUser = (changes: object) => administrator.run(UpdateUserDocument, { id, input: changes });
    await updateUser({ username: newName() });
    expect(await storedOf(id)).toEqual(stored);
    expect(rulesOf(await updateUser(broken))).toEqual(refused);
    await updateUser({ displayName: null, locale: "nb" });
    expect(await storedOf(id)).toEqual({ displayName: null, locale: "nb" });
  });

  test("at the command line, which shows them", async () => {
    const username = newName();
    const run = (args: readonly string[], input = "") => graphward(["user", ...args], { on: app, input });
    const create = (displayName: string, locale: string) => {
      const names = ["--username", username, "--display-name", displayName, "--locale", locale];
      return run(["create", ...names, "--password-stdin", "--json"], "a quiet tram at dawn\n");
    };
    expect((await create("two\nlines", "de")).stderr).toContain(
      "A display name must have only visible characters.",
    );
    expect(JSON.parse((await create(" Given Name ", "PT-br")).stdout)).toMatchObject(stored);
    const { stdout } = await run(["show", username]);
    expect(stdout).toMatch(/^name {8}Given Name$/m);
    expect(stdout).toMatch(/^locale {6}pt-BR$/m);
  });
});

test("they are in the data export", async () => {
  await update({ displayName: "Marguerite", locale: "fr" });
  const { data } = await client.run(ExportMyDataDocument);
  expect(data?.exportMyData?.data.account).toMatchObject({ displayName: "Marguerite", locale: "fr" });
});

test("a password may not be made of the display name", async () => {
  await update({ displayName: "Marguerite Duras" });
  const change = (newPassword: string) =>
    client.run(ChangePasswordDocument, { currentPassword: user.password, newPassword });
  expect(rulesOf(await change("duras-marguerite1"))).toEqual(["newPassword personal"]);
  const input = { username: newName(), email: `${newName()}@example.org` };
  const registered = { ...input, displayName: "Marguerite Duras", password: "Marguerite!Duras12" };
  expect(rulesOf(await new Client(app).run(RegisterDocument, { input: registered }))).toEqual([
    "password personal",
  ]);
  expect((await change("a quiet tram at dawn")).codes).toEqual([]);
});

describe("in the response of a login, the new user is whole", () => {
  test("although the request came with the session of another", async () => {
    const other = await app.createUser({ email: `${newName()}@example.org`, roles: ["EDITOR"] });
    const browser = new Client(app);
    await browser.run(LogInDocument, { username: user.username, password: user.password, mode: "SESSION" });
    const { data } = await browser.run<{ login: { user: object } }, object>(
      "mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { user { id email roles isActive permissions locale newDeviceMail } } }",
      { u: other.username, p: other.password },
    );
    expect(data?.login.user).toEqual({
      id: other.id,
      email: other.email,
      roles: ["EDITOR"],
      isActive: true,
      permissions: [],
      locale: null,
      newDeviceMail: true,
    });
  });
});
