import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  IdentitiesOfDocument,
  ImpersonateDocument,
  PrivateDocument,
  UnlinkIdentityOfDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let support: User;
let supporter: Client;
let owner: User & { readonly email: string };
let identityId: string;

beforeAll(async () => {
  app = await startWithMail({
    IDENTITY_PROVIDERS: JSON.stringify([
      { id: "work", name: "Work Inc.", issuer: "https://id.example", clientId: "c", clientSecret: "s" },
    ]),
  });
  const permissions = ["users:read", "users:unlink-identities", "users:impersonate"];
  await app.database
    .insertInto("roles")
    .values([
      { name: "SUPPORT", permissions },
      { name: "READER", permissions: ["users:read"] },
      { name: "EDITOR", permissions: ["pages:edit"] },
    ])
    .execute();
  support = await app.createUser({ roles: ["SUPPORT"] });
  supporter = await logInAs(app, support);
});
afterAll(() => app.close());
beforeEach(async () => {
  const email = `${crypto.randomUUID()}@example.org`;
  owner = { ...(await app.createUser({ email })), email };
  identityId = await addIdentity(owner);
});

const addIdentity = async ({ id: userId }: User): Promise<string> => {
  const id = crypto.randomUUID();
  const key = { issuer: "https://id.example", subject: id };
  await app.database
    .insertInto("identities")
    .values({ id, user_id: userId, provider: "work", email: "at-work@example.net", ...key })
    .execute();
  return id;
};
const remove = (client: Client, user: { readonly id: string } = owner, id = identityId) =>
  client.run(UnlinkIdentityOfDocument, { userId: user.id, id });
const works = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;
const identitiesOf = ({ id }: User) =>
  app.database.selectFrom("identities").select("id").where("user_id", "=", id).execute();
const removePassword = ({ id }: User) =>
  app.database.updateTable("users").set({ password_hash: null }).where("id", "=", id).execute();

describe("unlinkIdentityOf", () => {
  test("ends the login with the provider and every session, is recorded, and tells the owner what stays", async () => {
    const client = await logInAs(app, owner);
    const script = await createScript(app, owner, ["profile:read"], "nightly");
    const answer = await remove(supporter, owner, identityId.toUpperCase());
    expect(answer.data?.unlinkIdentityOf).toEqual({
      message: "The login is removed, and the user is logged out everywhere.",
      userId: owner.id,
      identityId,
      hasWayIn: true,
    });
    expect(await identitiesOf(owner)).toEqual([]);
    expect([await works(client), await works(script.client)]).toEqual([false, true]);
    const events = await app.database
      .selectFrom("audit_events")
      .select(["actor_id", "session_id", "details"])
      .where("user_id", "=", owner.id)
      .where("type", "=", "IDENTITY_UNLINKED")
      .execute();
    expect(events).toEqual([{ actor_id: support.id, session_id: null, details: { provider: "work" } }]);
    const mail = await until(
      () => messagesTo(app.mail.received, owner.email, /Work Inc\. no longer opens/)[0],
    );
    expect(mail.text).toContain("An administrator removed");
    expect(mail.text).toContain("“nightly”");
  });

  test("ends the links in the user's mails: a thief may have asked for another email", async () => {
    const thief = await logInAs(app, owner);
    const next = `${crypto.randomUUID()}@example.org`;
    await thief.run(`mutation { changeEmail(email: "${next}") { message } }`);
    const token = secretIn(await until(() => messagesTo(app.mail.received, next)[0]));
    await remove(supporter);
    const { codes } = await new Client(app).run(
      `mutation { confirmEmailChange(token: "${token}") { message } }`,
    );
    expect(codes).toEqual(["INVALID_TOKEN"]);
  });

  test("removes the last way in too, and says that it was the last", async () => {
    await removePassword(owner);
    expect((await remove(supporter)).data?.unlinkIdentityOf?.hasWayIn).toBe(false);
    expect(await identitiesOf(owner)).toEqual([]);
  });

  test("leaves the actor's own last way in", async () => {
    const actor = await app.createUser({ roles: ["SUPPORT"] });
    const client = await logInAs(app, actor);
    const id = await addIdentity(actor);
    await removePassword(actor);
    const refused = await remove(client, actor, id);
    expect(refused.errors[0]?.extensions.fields).toMatchObject([{ rule: "last_way_in" }]);
    expect(await identitiesOf(actor)).toHaveLength(1);
    expect(await works(client)).toBe(true);
  });

  test("is refused without the permission, without a recent login, to scripts, impersonators and nobody", async () => {
    const reader = await app.createUser({ roles: ["READER"] });
    const stale = await app.createUser({ roles: ["SUPPORT"] });
    const late = await logInAs(app, stale);
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: sql<Date>`now() - interval '11 minutes'` })
      .where("user_id", "=", stale.id)
      .execute();
    const refusals = [
      [await logInAs(app, reader), "FORBIDDEN"],
      [late, "REAUTHENTICATION_REQUIRED"],
      [(await createScript(app, support, ["users:read"])).client, "FORBIDDEN"],
      [await impersonating(reader), "FORBIDDEN"],
      [new Client(app), "UNAUTHENTICATED"],
    ] as const;
    for (const [client, code] of refusals) expect((await remove(client)).codes).toEqual([code]);
    expect(await identitiesOf(owner)).toHaveLength(1);
  });

  test("finds only what is there, and of the user who is named", async () => {
    const other = await app.createUser();
    const unknown = [
      [owner, crypto.randomUUID()],
      [owner, "no id"],
      [other, identityId],
      [{ id: crypto.randomUUID() }, identityId],
      [{ id: "no id" }, identityId],
    ] as const;
    for (const [user, id] of unknown)
      expect((await remove(supporter, user, id)).codes).toEqual(["NOT_FOUND"]);
    expect(await identitiesOf(owner)).toHaveLength(1);
  });

  test("does not reach a user who holds more", async () => {
    for (const roles of [["ADMIN"], ["EDITOR"]]) {
      const above = await app.createUser({ roles });
      const id = await addIdentity(above);
      expect((await remove(supporter, above, id)).codes).toEqual(["FORBIDDEN"]);
      expect(await identitiesOf(above)).toHaveLength(1);
    }
  });
});

describe("the logins of a user", () => {
  test("are shown with users:read, to a person", async () => {
    const reader = await app.createUser({ roles: ["READER"] });
    const asked = { userId: owner.id };
    const client = await logInAs(app, reader);
    expect((await client.run(IdentitiesOfDocument, asked)).data?.identitiesOf).toEqual([
      expect.objectContaining({ id: identityId, provider: "work", email: "at-work@example.net" }),
    ]);
    const script = await createScript(app, reader, ["users:read"]);
    const refused = [script.client, await impersonating(reader), await logInAs(app, owner)];
    for (const by of refused)
      expect((await by.run(IdentitiesOfDocument, asked)).codes).toEqual(["FORBIDDEN"]);
    for (const userId of ["no id", crypto.randomUUID()])
      expect((await client.run(IdentitiesOfDocument, { userId })).codes).toEqual(["NOT_FOUND"]);
  });
});

/** Who acts as this user. */
const impersonating = async ({ id: userId }: User): Promise<Client> => {
  const { data } = await supporter.run(ImpersonateDocument, { userId });
  return new Client(app, { token: data?.impersonate?.token ?? null });
};
