import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import { type App, startApp } from "../../harness/server.ts";
import { IdentitiesDocument, UnlinkIdentityDocument } from "../../operations/generated/graphql.ts";

let app: ProviderApp;
const others: App[] = [];

beforeAll(async () => {
  app = await startProviderApp();
});
afterAll(async () => {
  for (const other of others) await other.close();
  await app.close();
});

/** Another server of the same users. */
const withSettings = async (environment: NodeJS.ProcessEnv): Promise<App> => {
  const other = await startApp({
    DATABASE_URL: app.config.databaseUrl ?? "",
    SESSION_SECRET: app.config.sessionSecrets.join(),
    COOKIE_NAME: app.config.cookieName,
    ...environment,
  });
  others.push(other);
  return other;
};

const second = { issuer: "https://id.example/second/", subject: "of each user alone" };

/** A user of the provider, with one more login, of a provider that `second` names. */
const newUser = async () => {
  const person = newPerson({ email: `${crypto.randomUUID()}@example.org`, email_verified: true });
  const { browser } = await app.logIn(person);
  const client = browser.clientOf(app);
  const [own] = (await client.run(IdentitiesDocument)).data?.identities ?? [];
  const { user_id: id } = await app.database
    .selectFrom("identities")
    .select("user_id")
    .where("subject", "=", person.sub)
    .executeTakeFirstOrThrow();
  return { id, client, identityId: own?.id ?? "" };
};
const unlink = async (client: Client, identityId: string, on: App) => {
  const answer = await new Client(on, { cookies: client.cookies }).run(UnlinkIdentityDocument, {
    id: identityId,
  });
  const [problem] = (answer.errors[0]?.extensions.fields as { rule: string }[] | undefined) ?? [];
  return problem?.rule ?? answer.codes[0] ?? "unlinked";
};
const listed = (issuer: string, id = "second") =>
  JSON.stringify([{ id, name: "Second", issuer, clientId: "c", clientSecret: "s" }]);

describe("an identity is the last way in, and stays, where", () => {
  test("the password is there, but PASSWORD_LOGIN is off", async () => {
    const { id, client, identityId } = await newUser();
    const donor = await app.createUser();
    const { password_hash: hash } = await app.database
      .selectFrom("users")
      .select("password_hash")
      .where("id", "=", donor.id)
      .executeTakeFirstOrThrow();
    await app.database.updateTable("users").set({ password_hash: hash }).where("id", "=", id).execute();
    const off = await withSettings({ PASSWORD_LOGIN: "off" });
    expect(await unlink(client, identityId, off)).toBe("last_way_in");
    expect(await unlink(client, identityId, app)).toBe("unlinked");
  });

  test("the email is proven, but LOGIN_CODES is off", async () => {
    const { client, identityId } = await newUser();
    const on = await withSettings({ LOGIN_CODES: "on" });
    expect(await unlink(client, identityId, app)).toBe("last_way_in");
    expect(await unlink(client, identityId, on)).toBe("unlinked");
  });

  test("a passkey is there, but PASSKEYS is off", async () => {
    const { id, client, identityId } = await newUser();
    const off = await withSettings({ PASSKEYS: "off" });
    await app.database
      .insertInto("passkeys")
      .values({
        id: crypto.randomUUID(),
        user_id: id,
        credential_id: Buffer.from(id),
        public_key: Buffer.from(id),
        user_handle: Buffer.from(id),
        name: "a phone",
        counter: 0,
        transports: [],
        backup_eligible: false,
        backed_up: false,
      })
      .execute();
    await app.database
      .updateTable("sessions")
      .set(({ fn }) => ({ second_factor_at: fn("now", []) }))
      .where("user_id", "=", id)
      .execute();
    expect(await unlink(client, identityId, off)).toBe("last_way_in");
    expect(await unlink(client, identityId, app)).toBe("unlinked");
  });

  test("another one is of a provider that the settings no longer list, or list with another issuer", async () => {
    const { id, client, identityId } = await newUser();
    const row = { ...second, id: crypto.randomUUID(), user_id: id, provider: "second" };
    await app.database.insertInto("identities").values(row).execute();
    const moved = await withSettings({ IDENTITY_PROVIDERS: listed("https://id.example/moved") });
    // The slash at the end, and the name in the settings, are no difference.
    const there = await withSettings({ IDENTITY_PROVIDERS: listed("https://id.example/second", "renamed") });
    expect(await unlink(client, identityId, app)).toBe("last_way_in");
    expect(await unlink(client, identityId, moved)).toBe("last_way_in");
    expect(await unlink(client, identityId, there)).toBe("unlinked");
  });
});
