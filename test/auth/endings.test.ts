import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Act, endings } from "../../src/auth/endings.ts";
import {
  deriveOneTimeKeys,
  findSendableToken,
  issueOneTimeToken,
  oneTimeTokenLifetimes,
  type Purpose,
} from "../../src/auth/secrets/one-time-tokens.ts";
import { Client, logInAs } from "../harness/client.ts";
import { graphward } from "../harness/process.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { nextCode, requestCode } from "../harness/sign-in/mailed-codes.ts";
import { LogInWithCodeDocument } from "../operations/generated/graphql.ts";

// Every row of the table of endings, each by the act itself: what it says is gone is gone, and what it says stays still works.

let app: App;
let administrator: Client;

beforeAll(async () => {
  app = await startApp({ LOGIN_CODES: "on" });
  administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
});

afterAll(() => app.close());

interface Person {
  readonly user: User & { readonly email: string };
  /** Its request is the act, where a viewer acts. */
  readonly asking: Client;
  readonly other: Client;
  readonly script: Client;
  readonly links: Readonly<Record<Purpose, string>>;
}

const next = "another good password of mine";

/** How each act is done by the people who do it. */
const acts: Record<Act, (person: Person) => Promise<unknown>> = {
  passwordChanged: ({ asking, user }) =>
    asking.run(
      `mutation { changePassword(currentPassword: "${user.password}", newPassword: "${next}") { token } }`,
    ),
  passwordReset: ({ links }) =>
    new Client(app).run(
      `mutation { resetPassword(token: "${links["reset-password"]}", newPassword: "${next}") { message } }`,
    ),
  mailboxProven: async ({ user }) => {
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    const { client, pendingToken } = await requestCode(app, user.email);
    const code = await nextCode(app, user.email);
    await client.run(LogInWithCodeDocument, { pendingToken, code, mode: "TOKEN" });
  },
  passwordSetByOperator: ({ user }) =>
    command(["user", "password", "--username", user.username, "--password-stdin"], next),
  emailChanged: ({ links }) =>
    new Client(app).run(`mutation { confirmEmailChange(token: "${links["change-address"]}") { message } }`),
  emailChangeUndone: ({ links }) =>
    new Client(app).run(`mutation { undoEmailChange(token: "${links["undo-address-change"]}") { message } }`),
  deactivated: ({ user }) => administrator.run(`mutation { deactivateUser(id: "${user.id}") { message } }`),
  deleted: ({ asking }) => asking.run("mutation { deleteAccount { message } }"),
  otherSessionsRevoked: ({ asking }) => asking.run("mutation { revokeOtherSessions { count } }"),
  secondFactorsReset: ({ user }) =>
    administrator.run(`mutation { resetSecondFactors(userId: "${user.id}") { message } }`),
  identityRemoved: async ({ user }) => {
    const id = crypto.randomUUID();
    const identity = { id, user_id: user.id, provider: "example", issuer: "https://id.example", subject: id };
    await app.database.insertInto("identities").values(identity).execute();
    await administrator.run(`mutation { unlinkIdentityOf(userId: "${user.id}", id: "${id}") { message } }`);
  },
  identityUnlinked: async ({ user, asking }) => {
    const id = crypto.randomUUID();
    const identity = { id, user_id: user.id, provider: "example", issuer: "https://id.example", subject: id };
    await app.database.insertInto("identities").values(identity).execute();
    await asking.run(`mutation { unlinkIdentity(id: "${id}") { message } }`);
  },
  sessionsRevoked: ({ user }) =>
    administrator.run(`mutation { revokeSessions(userId: "${user.id}") { message } }`),
};

const command = (args: readonly string[], input: string) =>
  graphward(args, {
    environment: {
      DATABASE_URL: app.config.databaseUrl ?? "",
      SESSION_SECRET: app.config.sessionSecrets.join(),
    },
    input,
  });

const purposes = Object.keys(oneTimeTokenLifetimes) as readonly Purpose[];

const prepare = async (): Promise<Person> => {
  const name = `ending-${crypto.randomUUID().slice(0, 8)}`;
  const email = `${name}@example.org`;
  const user = { ...(await app.createUser({ username: name, email })), email };
  const other = await logInAs(app, user);
  const script = (await createScript(app, user, ["profile:read"])).client;
  const asking = await logInAs(app, user);
  const keys = deriveOneTimeKeys(app.config.sessionSecrets);
  const links: Partial<Record<Purpose, string>> = {};
  for (const purpose of purposes) {
    const sentTo =
      purpose.endsWith("address-change") || purpose === "change-address" ? `${purpose}-${email}` : email;
    const id = await issueOneTimeToken(app.database, keys, { purpose, userId: user.id, sentTo });
    links[purpose] = (await findSendableToken(app.database, keys, id))?.secret ?? "";
  }
  return { user, asking, other, script, links: links as Record<Purpose, string> };
};

const isLoggedIn = async (client: Client) => {
  const { status, codes } = await client.run("{ private { message } }");
  return status === 200 && codes.length === 0;
};

const readRows = async (userId: string) => {
  const links = await app.database
    .selectFrom("one_time_tokens")
    .select(["id", "purpose"])
    .where("user_id", "=", userId)
    .execute();
  const { rows } = await sql<{ sessions: number; devices: number; generation: number | null }>`
    select (select count(*)::int from sessions where user_id = ${userId}::uuid) as sessions,
      (select count(*)::int from known_devices where user_id = ${userId}::uuid) as devices,
      (select device_generation from users where id = ${userId}::uuid) as generation`.execute(app.database);
  const [counts] = rows;
  if (counts === undefined) throw new Error("The counts have one row.");
  return { ...counts, links };
};

/** A link is gone by being used, too. */
const usedBy: Partial<Record<Act, Purpose>> = {
  passwordReset: "reset-password",
  emailChanged: "change-address",
  emailChangeUndone: "undo-address-change",
};

describe("an act ends what the table says, and nothing else:", () => {
  test.each(Object.keys(endings) as Act[])("%s", async (act) => {
    const { sessions, accessTokens, links, browsers } = endings[act];
    const person = await prepare();
    const before = await readRows(person.user.id);
    expect([before.links.length, before.devices > 0]).toEqual([purposes.length, true]);
    const idsBefore = new Set(before.links.map(({ id }) => id));

    await acts[act](person);

    const after = await readRows(person.user.id);
    // Sessions: the one that asks, another one, and the one that made the script's token.
    const left = { all: 0, others: 1, none: before.sessions };
    // This act is a login itself.
    const begun = act === "mailboxProven" ? 1 : 0;
    expect(after.sessions).toBe(left[sessions] + begun);
    expect(await isLoggedIn(person.other)).toBe(sessions === "none");
    expect(await isLoggedIn(person.script)).toBe(accessTokens === "none");
    const ended: readonly string[] = links === "all" ? purposes : links === "none" ? [] : links;
    const isUndoIssued = act === "emailChanged";
    const expected = purposes.filter(
      (purpose) =>
        (isUndoIssued && purpose === "undo-address-change") ||
        (!ended.includes(purpose) && purpose !== usedBy[act]),
    );
    // An undone change mails the owner a new link for the password, whenever the mail is written.
    const remaining = after.links.filter(
      ({ id, purpose }) => idsBefore.has(id) || purpose !== "reset-password",
    );
    expect([...new Set(remaining.map(({ purpose }) => purpose))].sort()).toEqual([...expected].sort());
    if (act === "deleted") return;
    expect(after.generation).toBe((before.generation ?? 0) + (browsers === "all" ? 1 : 0));
    // A change of the password makes the browser that changed it known again.
    const known = act === "passwordChanged" ? 1 : begun;
    expect(after.devices).toBe(browsers === "all" ? known : before.devices);
  });
});
