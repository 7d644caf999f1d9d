import { randomBytes } from "node:crypto";
import { type GraphQLResolveInfo, graphql } from "graphql";
import pg from "pg";
import { Authorized, Field, ObjectType, Query, Resolver } from "type-graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AllowUnverified, Public } from "../../../src/auth/access/decorators.ts";
import { printGuardedSchema } from "../../../src/auth/access/definition.ts";
import { describeAccess } from "../../../src/auth/access/lock.ts";
import { isRootType, objectFields } from "../../../src/auth/access/schema-fields.ts";
import type { Context } from "../../../src/auth/context.ts";
import type { Viewer } from "../../../src/auth/viewer/viewer.ts";
import { buildGuardedSchema, buildSchemaOf } from "../../../src/schema/build.ts";
import { Client } from "../../harness/client.ts";
import { answerFromMemory } from "../../harness/database/answers-from-memory.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { type MailServer, startMailServer, until } from "../../harness/mail/mail.ts";
import { type App, startApp, startTwoServers } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  EmailVerifiedDocument,
  LogOutDocument,
  PrivateDocument,
  PublicDocument,
  ReauthenticateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
  ResetPasswordDocument,
  SessionsDocument,
  VerifyEmailDocument,
} from "../../operations/generated/graphql.ts";

const password = "correct horse battery staple";
const on = { REQUIRE_VERIFIED_EMAIL: "on" };
let mail: MailServer;
// Two servers on one database.
let here: App;
let there: App;
let admin: pg.Client;
let account: { username: string; email: string; password: string };
let client: Client;

beforeAll(async () => {
  mail = await startMailServer();
  ({ here, there } = await startTwoServers({ ...on, SMTP_URL: mail.url }));
  admin = new pg.Client(here.config.databaseUrl ?? "");
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await here.close();
  await mail.close();
});

/** Registered, and not proven. */
beforeEach(async () => {
  const username = `new-${randomBytes(6).toString("hex")}`;
  account = { username, email: `${username}@example.org`, password };
  await new Client(here).run(RegisterDocument, { input: account });
  client = new Client(here);
  await client.logIn(account, "TOKEN");
});

const secretFor = async (email: string, subject: RegExp) =>
  secretIn(await until(() => messagesTo(mail.received, email, subject)[0]));
const elsewhere = () => new Client(there, { token: client.token });
const codesOf = async (caller: Client) => (await caller.run(PrivateDocument)).codes;
const codesFromMemory = async (...callers: Client[]) => {
  for (const caller of callers) await codesOf(caller);
  return answerFromMemory(admin, () => Promise.all(callers.map(codesOf)));
};
const shown = async (caller: Client) => (await caller.run(EmailVerifiedDocument)).data?.viewer;
const verify = async () =>
  client.run(VerifyEmailDocument, { token: await secretFor(account.email, /confirm/i) });

describe("an account whose address is not proven", () => {
  test("is logged in, sees that, and may do what leads out of it, and nothing else that is private", async () => {
    expect(await shown(client)).toEqual({
      username: account.username,
      email: account.email,
      emailVerified: false,
    });
    expect((await client.run(PublicDocument)).codes).toEqual([]);
    const refused = await client.run(PrivateDocument);
    expect(refused.errors).toMatchObject([
      { message: "You do not have permission to perform this action.", extensions: { code: "FORBIDDEN" } },
    ]);
    expect((await client.run(SessionsDocument)).codes).toEqual(["FORBIDDEN"]);
    expect((await client.run(ResendVerificationDocument)).codes).toEqual([]);
    const { data, codes } = await client.run(ReauthenticateDocument, { password });
    expect(codes).toEqual([]);
    client.token = data?.reauthenticate?.token ?? null;
    expect(await codesOf(client)).toEqual(["FORBIDDEN"]);
    expect((await client.run(LogOutDocument)).codes).toEqual([]);
    expect(await codesOf(new Client(here))).toEqual(["UNAUTHENTICATED"]);
  });

  test("may do everything as soon as it is proven, with the same credential, on every server", async () => {
    for (const caller of [client, elsewhere()]) expect(await codesOf(caller)).toEqual(["FORBIDDEN"]);
    expect((await verify()).codes).toEqual([]);
    expect(await codesOf(client)).toEqual([]);
    expect(await shown(client)).toMatchObject({ emailVerified: true });
    await expect.poll(() => codesOf(elsewhere())).toEqual([]);
  });

  test("may do everything at once on the server that heard the proof, where no notice arrives", async () => {
    await expect.poll(() => codesFromMemory(client, elsewhere())).toEqual([["FORBIDDEN"], ["FORBIDDEN"]]);
    await admin.query("alter table users disable trigger users_changed");
    try {
      await verify();
      expect(await codesOf(client)).toEqual([]);
      expect(await codesOf(elsewhere())).toEqual(["FORBIDDEN"]);
    } finally {
      await admin.query("alter table users enable trigger users_changed");
    }
  });

  test("is proven by a reset that came by mail, too", async () => {
    await client.run(RequestPasswordResetDocument, { email: account.email });
    const token = await secretFor(account.email, /new password/i);
    const newPassword = "seven herons on the weir";
    expect((await client.run(ResetPasswordDocument, { token, newPassword })).codes).toEqual([]);
    const renewed = new Client(here);
    await renewed.logIn({ ...account, password: newPassword });
    expect(await codesOf(renewed)).toEqual([]);
  });

  test("is refused with a viewer that was remembered when the proof is taken back by hand", async () => {
    await verify();
    await expect.poll(() => codesOf(elsewhere())).toEqual([]);
    expect(await codesOf(client)).toEqual([]);
    await admin.query("update users set email_verified_at = null where username = $1", [account.username]);
    for (const caller of [client, elsewhere()])
      await expect.poll(() => codesOf(caller)).toEqual(["FORBIDDEN"]);
  });

  test("is refused while the address that was typed is somebody else's", async () => {
    const owner = await here.createUser({ email: "taken@example.org" });
    const username = `late-${randomBytes(6).toString("hex")}`;
    await new Client(here).run(RegisterDocument, {
      input: { username, email: "taken@example.org", password },
    });
    const late = new Client(here);
    await late.logIn({ username, password }, "TOKEN");
    expect(await shown(late)).toEqual({ username, email: "taken@example.org", emailVerified: false });
    expect(await codesOf(late)).toEqual(["FORBIDDEN"]);
    const first = new Client(here);
    await first.logIn(owner, "TOKEN");
    expect(await codesOf(first)).toEqual([]);
  });

  test("gets no further by an access token, which can end itself", async () => {
    const user = await here.createUser({ email: "scripted@example.org" });
    const script = await createScript(here, user, ["profile:read", "sessions:read"]);
    expect(await codesOf(script.client)).toEqual([]);
    await admin.query("update users set email_verified_at = null where id = $1", [user.id]);
    await expect.poll(() => codesOf(script.client)).toEqual(["FORBIDDEN"]);
    expect((await script.client.run(SessionsDocument)).codes).toEqual(["FORBIDDEN"]);
    expect((await script.client.run(LogOutDocument)).codes).toEqual([]);
    expect((await script.client.run(PublicDocument)).status).toBe(401);
  });
});

test("an account without any address was made by an operator, and has nothing to prove", async () => {
  const user = await here.createUser({ email: null });
  const caller = new Client(here);
  await caller.logIn(user, "SESSION");
  expect(await shown(caller)).toEqual({ username: user.username, email: null, emailVerified: false });
  expect(await codesOf(caller)).toEqual([]);
});

test("a viewer that is remembered costs no query, proven or not", async () => {
  await verify();
  const unproven = new Client(here);
  const other = { username: `${account.username}-2`, email: `2-${account.email}`, password };
  await unproven.run(RegisterDocument, { input: other });
  await unproven.logIn(other, "TOKEN");
  await expect.poll(() => codesFromMemory(client, unproven)).toEqual([[], ["FORBIDDEN"]]);
});

test("introspection shows an unproven account what it may use, and the rest once it is proven", async () => {
  const namesOf = async (caller: Client) => {
    const { data } = await caller.run<{ __schema: { queryType: Fields; mutationType: Fields } }, object>(
      "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }",
    );
    const { queryType, mutationType } = data?.__schema ?? {};
    return [...(queryType?.fields ?? []), ...(mutationType?.fields ?? [])].map(({ name }) => name);
  };
  const open = await namesOf(new Client(here));
  const added = ["changeEmail", "logout", "reauthenticate", "resendVerification", "stopImpersonating"];
  added.push("updateProfile", "startReauthentication");
  expect((await namesOf(client)).sort()).toEqual([...open, ...added].sort());
  await verify();
  expect(await namesOf(client)).toContain("private");
});

interface Fields {
  readonly fields: readonly { readonly name: string }[];
}

test("where the setting is off, an unproven account does what any other does", async () => {
  const app = await startApp();
  await new Client(app).run(RegisterDocument, { input: account });
  const caller = new Client(app);
  await caller.logIn(account, "TOKEN");
  expect(await shown(caller)).toMatchObject({ emailVerified: false });
  expect((await caller.run(SessionsDocument)).codes).toEqual([]);
  await app.close();
});

const viewerOf = (emailVerified: boolean) =>
  ({
    roles: ["ADMIN"],
    permissions: [],
    user: { email: "a@example.org", emailVerified },
  }) as unknown as Viewer;

describe("of every schema", () => {
  test("each private root field refuses unproven accounts, but for those that say otherwise", async () => {
    const { schema, rules } = buildGuardedSchema(undefined, { requireVerifiedEmail: true });
    const context = { findViewer: () => viewerOf(false), scopes: null } as unknown as Context;
    const reached: string[] = [];
    for (const { type, field, coordinate } of objectFields(schema)) {
      if (!isRootType(schema, type) || rules.open.has(coordinate)) continue;
      const path = { prev: undefined, key: field.name, typename: type.name };
      const ask = async () => field.resolve?.(undefined, {}, context, { path, schema } as GraphQLResolveInfo);
      const code = await ask().then(
        () => "answered",
        (error) => error.extensions?.code ?? "called",
      );
      if (code !== "FORBIDDEN") reached.push(coordinate);
    }
    expect(reached.sort()).toEqual([
      "Mutation.changeEmail",
      "Mutation.logout",
      "Mutation.reauthenticate",
      "Mutation.resendVerification",
      "Mutation.startReauthentication",
      "Mutation.stopImpersonating",
      "Mutation.updateProfile",
    ]);
    expect([...rules.unverified].sort()).toEqual(reached);
  });

  test("a rule below an open field refuses them, for all its roles", async () => {
    @ObjectType()
    class Shelf {
      @Authorized("ADMIN")
      @Field(() => String, { nullable: true })
      reserved!: string;
    }
    @Resolver()
    class Shelves {
      @Public()
      @Query(() => Shelf)
      shelf(): Shelf {
        return { reserved: "a book" };
      }
      @AllowUnverified()
      @Query(() => Shelf, { nullable: true })
      ownShelf(): Shelf {
        return { reserved: "a book" };
      }
    }
    for (const requireVerifiedEmail of [true, false]) {
      const guarded = buildSchemaOf([Shelves], { requireVerifiedEmail });
      for (const emailVerified of [true, false]) {
        const contextValue = { findViewer: () => viewerOf(emailVerified), scopes: null };
        const source = "{ shelf { reserved } ownShelf { reserved } }";
        const { data, errors = [] } = await graphql({ schema: guarded.schema, source, contextValue });
        const mayPass = emailVerified || !requireVerifiedEmail;
        expect(data).toEqual({
          shelf: { reserved: mayPass ? "a book" : null },
          ownShelf: { reserved: mayPass ? "a book" : null },
        });
        expect(errors.map(({ extensions }) => extensions.code)).toEqual(
          mayPass ? [] : ["FORBIDDEN", "FORBIDDEN"],
        );
      }
      expect(describeAccess(guarded.schema, guarded.rules)).toContain("unverified Query.ownShelf\n");
      expect(printGuardedSchema(guarded)).toContain("ownShelf: Shelf @allowUnverified\n");
    }
  });

  test("a decorator that would change nothing stops the start", () => {
    @Resolver()
    class Open {
      @Public()
      @AllowUnverified()
      @Query(() => String)
      openToAll() {
        return "";
      }
    }
    expect(() => buildSchemaOf([Open])).toThrow(
      "Query.openToAll has both @Public() and @AllowUnverified(), which is for private fields only.",
    );
    @ObjectType()
    class Twig {
      @AllowUnverified()
      @Field(() => String)
      name(): string {
        return "";
      }
    }
    @Resolver()
    class Twigs {
      @Query(() => Twig, { nullable: true })
      twig(): Twig {
        return new Twig();
      }
    }
    expect(() => buildSchemaOf([Twigs])).toThrow(
      "Twig.name has @AllowUnverified(), which is for root fields only",
    );
  });
});
