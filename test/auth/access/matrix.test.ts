import { randomBytes } from "node:crypto";
import {
  type GraphQLArgument,
  type GraphQLField,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scopesOf } from "../../../src/auth/access/permissions.ts";
import { buildGuardedSchema } from "../../../src/schema/build.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { openStream } from "../../harness/connections/stream.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript, withToken } from "../../harness/sign-in/access-token.ts";
import { ImpersonateDocument, SessionsDocument } from "../../operations/generated/graphql.ts";

const { schema } = buildGuardedSchema();
const password = "correct horse battery staple";

let app: App;
let passwordHash: string | null;
beforeAll(async () => {
  app = await startApp();
  const { id } = await app.createUser({ password });
  const row = await app.database
    .selectFrom("users")
    .select("password_hash")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  passwordHash = row.password_hash;
});
afterAll(() => app.close());

/** Without hashing: there are hundreds. */
const addUser = async (roles: readonly string[] = []): Promise<User> => {
  const name = `user-${randomBytes(6).toString("hex")}`;
  const user = { id: uuidv7(), username: name, email: `${name}@example.com`, roles: [...roles] };
  await app.database
    .insertInto("users")
    .values({
      ...user,
      canonical_username: user.username,
      canonical_email: user.email,
      email_verified_at: new Date(),
      password_hash: passwordHash,
    })
    .execute();
  return { ...user, password };
};

/** What belongs to the user of the second column, so that the other columns show what it is to others. */
interface Owned {
  readonly user: User;
  readonly sessionId: string;
  readonly accessTokenId: string;
}

const logIn = (user: User) => logInAs(app, user, "SESSION_AND_TOKEN");

const callers: Readonly<Record<string, (owned: Owned, scriptToken: string) => Promise<Client>>> = {
  anonymous: async () => new Client(app),
  user: async ({ user }) => logIn(user),
  "another user": async () => logIn(await addUser()),
  "access token": async (_owned, scriptToken) => withToken(app, scriptToken),
  administrator: async () => logIn(await addUser(["ADMIN"])),
  "acting as the user": async ({ user }) => {
    const answer = await (await logIn(await addUser(["ADMIN"]))).run(ImpersonateDocument, {
      userId: user.id,
    });
    return withToken(app, answer.data?.impersonate?.token ?? "");
  },
};

/** What an argument names of the owner's. Any other ID is the owner's own. Add yours when it is of something else. */
const named: Readonly<Record<string, (owned: Owned) => string>> = {
  "changePassword(currentPassword)": () => password,
  "login(username)": ({ user }) => user.username,
  "revokeSession(id)": ({ sessionId }) => sessionId,
  "revokeAccessToken(id)": ({ accessTokenId }) => accessTokenId,
  // Not required, but it takes one proof.
  "reauthenticate(password)": () => password,
  "completeLogin(code)": () => "123456",
};

/** Values that break no rule, so that a refusal is one of access. */
const texts: Readonly<Record<string, () => unknown>> = {
  username: () => `new-${randomBytes(6).toString("hex")}`,
  email: () => `new-${randomBytes(6).toString("hex")}@example.com`,
  password: () => password,
  newPassword: () => "a wholly different passphrase",
  token: () => "made-up",
  pendingToken: () => "made-up",
  code: () => "123456",
  name: () => "a script",
  scopes: () => ["profile:read"],
  roles: () => [],
  response: () => ({}),
  provider: () => "unknown",
  verifier: () => "made-up",
};

const choose = (field: string, argument: GraphQLArgument, owned: Owned): unknown => {
  const type = getNamedType(argument.type);
  const name = named[`${field}(${argument.name})`];
  if (name) return name(owned);
  if (type.name === "ID") return owned.user.id;
  const text = texts[argument.name];
  if (text) return text();
  if (isInputObjectType(type) && !isListType(argument.type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((input) => isNonNullType(input.type) && input.defaultValue === undefined)
        .map((input) => [input.name, choose(field, input, owned)]),
    );
  if (type.name === "Boolean") return true;
  throw new Error(
    `Which value breaks no rule of ${field}(${argument.name}: ${argument.type})? Add it to this test.`,
  );
};

const operationOf = (
  kind: "query" | "mutation" | "subscription",
  field: GraphQLField<unknown, unknown>,
  owned: Owned,
) => {
  const required = field.args.filter(
    ({ name, type, defaultValue }) =>
      (isNonNullType(type) && defaultValue === undefined) ||
      getNamedType(type).name === "ID" ||
      `${field.name}(${name})` in named,
  );
  const variables = Object.fromEntries(required.map((it) => [it.name, choose(field.name, it, owned)]));
  const declared = required.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const passed = required.map(({ name }) => `${name}: $${name}`).join(", ");
  const selection = isLeafType(getNamedType(field.type)) ? "" : " { __typename }";
  const source = `${kind}${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`}${selection} }`;
  return { source, variables };
};

const rootFields = [
  ...Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => ["query", field] as const),
  ...Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => ["mutation", field] as const),
  ...Object.values(schema.getSubscriptionType()?.getFields() ?? {}).map(
    (field) => ["subscription", field] as const,
  ),
];

/** A caller who changes nobody's rows needs no owner of its own: there are hundreds of cells. */
const changesOwner = (field: GraphQLField<unknown, unknown>, caller: string): boolean =>
  ["user", "access token", "acting as the user"].includes(caller) ||
  field.args.some(({ name, type }) => getNamedType(type).name === "ID" || `${field.name}(${name})` in named);

const own = async (): Promise<[Owned, scriptToken: string]> => {
  const user = await addUser();
  const script = await createScript(app, user, scopesOf(schema));
  const { data } = await (await logIn(user)).run(SessionsDocument);
  const sessionId = data?.sessions?.find(({ current }) => current)?.id;
  if (sessionId === undefined) throw new Error("The user has no session.");
  return [{ user, sessionId, accessTokenId: script.id }, script.token];
};

/** A refused stream has the status of its refusal. */
const openedBy = async (client: Client, source: string, variables: Readonly<Record<string, unknown>>) => {
  const stream = await openStream(app, client, source, { variables });
  if (stream.status !== 200) await stream.ended;
  stream.close();
  return stream.codes().join(" ") || "ok";
};

test("every root field answers every kind of caller as access-matrix.txt says", async () => {
  const rows: string[][] = [["", ...Object.keys(callers)]];
  const anybody = await own();
  const readers = new Map<string, Client>();
  for (const [caller, call] of Object.entries(callers)) readers.set(caller, await call(...anybody));
  for (const [kind, field] of rootFields) {
    const isMutation = kind === "mutation";
    const cells = Object.entries(callers).map(async ([caller, call]) => {
      const [owned, scriptToken] = isMutation && changesOwner(field, caller) ? await own() : anybody;
      const client = (isMutation ? null : readers.get(caller)) ?? (await call(owned, scriptToken));
      const { source, variables } = operationOf(kind, field, owned);
      if (kind === "subscription") return openedBy(client, source, variables);
      const { codes, status, text } = await client.run(source, variables);
      // A refusal of the document would say nothing about access.
      expect(status, text).toBe(200);
      return codes.join(" ") || "ok";
    });
    rows.push([`${kind} ${field.name}`, ...(await Promise.all(cells))]);
  }
  const widths =
    rows[0]?.map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  await expect(`${table.join("\n")}\n`).toMatchFileSnapshot("access-matrix.txt");
}, 300_000);
