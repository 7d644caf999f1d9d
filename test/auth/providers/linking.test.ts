import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  deriveOneTimeKeys,
  findSendableToken,
  issueOneTimeToken,
} from "../../../src/auth/secrets/one-time-tokens.ts";
import { Client } from "../../harness/client.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { Browser } from "../../harness/providers/browser.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import type { User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  IdentitiesDocument,
  PrivateDocument,
  StartLinkingDocument,
  UnlinkIdentityDocument,
} from "../../operations/generated/graphql.ts";

let app: ProviderApp;

beforeAll(async () => {
  app = await startProviderApp();
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });
const isThere = ({ pathname }: URL) => pathname === "/there";

const begin = async (user: User) => {
  const client = new Client(app);
  await client.logIn(user, "SESSION");
  const started = await client.run(StartLinkingDocument, { provider: "honest", returnTo: "/there" });
  const url = started.data?.startLinking?.url;
  if (url === undefined) throw new Error(`startLinking failed: ${started.text}`);
  return { client, url, browser: new Browser().adopt(app, client) };
};

const link = async (user: User, person = newPerson()) => {
  const { client, url, browser } = await begin(user);
  app.provider.person = person;
  const arrival = await browser.open(url, { stopsAt: isThere });
  const identities = (await client.run(IdentitiesDocument)).data?.identities ?? [];
  return { client, person, arrival, identities };
};

const letLoginAge = (user: User) =>
  app.database
    .updateTable("sessions")
    .set({ authenticated_at: sql<Date>`authenticated_at - interval '11 minutes'` })
    .where("user_id", "=", user.id)
    .execute();

const eventsOf = async (user: User, type: string) =>
  (
    await app.database
      .selectFrom("audit_events")
      .select("details")
      .where("user_id", "=", user.id)
      .where("type", "=", type)
      .execute()
  ).map(({ details }) => details);

describe("linking", () => {
  test("adds the provider's login to the account, leads back, tells the owner, and is recorded", async () => {
    const user = await newUser();
    const { person, arrival, identities } = await link(user, newPerson({ email: "other@example.net" }));
    expect(arrival.url.href).toBe(`${app.origin}/there`);
    expect(identities).toMatchObject([{ provider: "honest", email: "other@example.net", lastUsedAt: null }]);
    expect(await eventsOf(user, "IDENTITY_LINKED")).toEqual([{ provider: "honest" }]);
    const { browser } = await app.logIn(person);
    expect((await browser.clientOf(app).run(PrivateDocument)).data?.private?.message).toContain(
      user.username,
    );
    await until(() => messagesTo(app.mail.received, user.email ?? "", /Provider honest/).length === 1);
  });

  test("is done only in the browser and by the session that began it", async () => {
    const user = await newUser();
    const outcomes = [];
    for (const change of ["another browser", "another session", "another user", "no session"]) {
      const { url, browser } = await begin(user);
      const other = new Client(app);
      if (change !== "no session")
        await other.logIn(change === "another user" ? await newUser() : user, "SESSION");
      const used = change === "another browser" ? new Browser() : browser;
      if (change === "no session") used.cookiesOf(app.origin).delete("graphward");
      else used.adopt(app, other);
      app.provider.person = newPerson();
      outcomes.push((await used.open(url, { stopsAt: isThere })).status);
    }
    expect(outcomes).toEqual([400, 403, 403, 403]);
    const { identities } = await link(user);
    expect(identities).toHaveLength(1);
  });

  test("needs a recent login when it begins, and when it ends", async () => {
    const user = await newUser();
    const { client, url, browser } = await begin(user);
    await letLoginAge(user);
    app.provider.person = newPerson();
    expect((await browser.open(url, { stopsAt: isThere })).status).toBe(403);
    const again = await client.run(StartLinkingDocument, { provider: "honest" });
    expect(again.codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await client.run(IdentitiesDocument)).data?.identities).toEqual([]);
  });

  test("refuses what belongs to another account, and leaves it there", async () => {
    const owner = await newUser();
    const { person } = await link(owner);
    const { arrival, identities } = await link(await newUser(), person);
    expect([arrival.status, identities]).toEqual([409, []]);
    expect((await link(owner, person)).identities).toHaveLength(1);
  });

  test("waits for the proof of the email: what a stranger has linked would stay", async () => {
    const user = await newUser();
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    await expect(begin(user)).rejects.toThrow("email_unverified");
  });

  test("knows only its providers, and places of ours", async () => {
    const client = new Client(app);
    await client.logIn(await newUser(), "SESSION");
    for (const variables of [{ provider: "other" }, { provider: "honest", returnTo: "https://example.net" }])
      expect((await client.run(StartLinkingDocument, variables)).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("stops at twenty", async () => {
    const user = await newUser();
    const row = { user_id: user.id, provider: "honest", issuer: "https://example.net", email: null };
    for (let index = 0; index < 20; index += 1)
      await app.database
        .insertInto("identities")
        .values({ ...row, id: crypto.randomUUID(), subject: crypto.randomUUID(), last_used_at: null })
        .execute();
    await expect(begin(user)).rejects.toThrow('"max"');
  });

  test("is not for scripts", async () => {
    const { client } = await createScript(app, await newUser(), ["profile:read"]);
    expect((await client.run(StartLinkingDocument, { provider: "honest" })).codes).toEqual(["FORBIDDEN"]);
    expect((await client.run(IdentitiesDocument)).codes).toEqual(["FORBIDDEN"]);
    expect((await client.run(UnlinkIdentityDocument, { id: crypto.randomUUID() })).codes).toEqual([
      "FORBIDDEN",
    ]);
  });
});

test("ends what was linked since an email change that is undone, and nothing from before", async () => {
  const user = await newUser();
  const before = await link(user);
  await app.database
    .updateTable("identities")
    .set({ linked_at: sql<Date>`linked_at - interval '8 days'` })
    .where("user_id", "=", user.id)
    .execute();
  const keys = deriveOneTimeKeys(app.config.sessionSecrets);
  const token = { purpose: "undo-address-change", userId: user.id, sentTo: `old-${user.email}` } as const;
  const id = await issueOneTimeToken(app.database, keys, token);
  const secret = (await findSendableToken(app.database, keys, id))?.secret ?? "";
  const since = await link(user);
  await new Client(app).run(`mutation { undoEmailChange(token: "${secret}") { message } }`);
  const left = await app.database
    .selectFrom("identities")
    .select("subject")
    .where("user_id", "=", user.id)
    .execute();
  expect(since.identities).toHaveLength(2);
  expect(left).toEqual([{ subject: before.person.sub }]);
});

describe("unlinking", () => {
  test("ends the login with the provider, tells the owner, and is recorded", async () => {
    const user = await newUser();
    const { client, person, identities } = await link(user);
    const id = identities[0]?.id ?? "";
    expect((await client.run(UnlinkIdentityDocument, { id })).data?.unlinkIdentity?.identityId).toBe(id);
    expect((await client.run(IdentitiesDocument)).data?.identities).toEqual([]);
    expect(await eventsOf(user, "IDENTITY_UNLINKED")).toEqual([{ provider: "honest" }]);
    const { browser } = await app.logIn(person);
    const { data } = await browser.clientOf(app).run(PrivateDocument);
    expect(data?.private?.message).not.toContain(user.username);
    await until(() => messagesTo(app.mail.received, user.email ?? "", /no longer opens/).length === 1);
  });

  test("needs a recent login, and an identity of one's own", async () => {
    const user = await newUser();
    const { client, identities } = await link(user);
    const other = new Client(app);
    await other.logIn(await newUser());
    const id = identities[0]?.id ?? "";
    for (const unknown of [id, crypto.randomUUID(), "no id"])
      expect((await other.run(UnlinkIdentityDocument, { id: unknown })).codes).toEqual(["NOT_FOUND"]);
    await letLoginAge(user);
    expect((await client.run(UnlinkIdentityDocument, { id })).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await client.run(IdentitiesDocument)).data?.identities).toHaveLength(1);
  });

  test("leaves the last way into an account without a password", async () => {
    const person = newPerson();
    const { browser } = await app.logIn(person);
    const client = browser.clientOf(app);
    const [identity] = (await client.run(IdentitiesDocument)).data?.identities ?? [];
    const refused = await client.run(UnlinkIdentityDocument, { id: identity?.id ?? "" });
    expect(refused.errors).toMatchObject([{ extensions: { fields: [{ rule: "last_way_in" }] } }]);
    expect((await client.run(IdentitiesDocument)).data?.identities).toHaveLength(1);
  });
});
