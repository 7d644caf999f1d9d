import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ago } from "../../../src/database/durations.ts";
import { hours } from "../../../src/time.ts";
import { Client, wholeOf } from "../../harness/client.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import { certified, selfAttested } from "../../harness/sign-in/attestation.ts";
import {
  addPasskey,
  assert,
  attest,
  beginPasskeyLogin,
  beginSecondStep,
  type CreationOptions,
  createKey,
  enrolPasskey,
  type Lies,
  logInWithPasskey,
  type RequestOptions,
  startPasskey,
  type WithPasskey,
} from "../../harness/sign-in/passkeys.ts";
import { codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  AddPasskeyDocument,
  ConfirmTotpDocument,
  PasskeysDocument,
  ReauthenticateWithPasskeyDocument,
  RemovePasskeyDocument,
  RenamePasskeyDocument,
  SecondFactorsDocument,
  StartPasskeyDocument,
  StartPasskeyReauthenticationDocument,
  StartTotpDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;

beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });
const loggedIn = async (user?: User) => {
  const client = new Client(app);
  await client.logIn(user ?? (await newUser()));
  return client;
};
const passkeysOf = async (client: Client) => (await client.run(PasskeysDocument)).data?.passkeys;

describe("adding a passkey", () => {
  test("offers what the rules say: verified users, resident keys, no attestation, three algorithms", async () => {
    const client = await loggedIn();
    const options = await startPasskey(client);
    expect(options).toMatchObject({
      rp: { id: "localhost" },
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: [],
    });
    expect(Buffer.from(options.challenge, "base64url")).toHaveLength(32);
    expect(Buffer.from(options.user.id, "base64url")).toHaveLength(32);
  });

  test("gives recovery codes with the first second factor only, tells the owner, and records it", async () => {
    const user = await newUser();
    const first = await enrolPasskey(app, user);
    expect(first.recoveryCodes).toHaveLength(10);
    const second = await addPasskey(app, first.client);
    expect(second.recoveryCodes).toEqual([]);
    expect((await passkeysOf(first.client))?.map(({ id }) => id)).toEqual([second.id, first.id]);
    const [mail] = await until(() => {
      const found = messagesTo(app.mail.received, user.email, /second factor was added/);
      return found.length === 2 && found;
    });
    expect(mail?.text).toMatch(/passkey/i);
    expect(await eventsOf(user)).toEqual(["SECOND_FACTOR_ADDED", "SECOND_FACTOR_ADDED"]);
  });

  test("lists the user's passkeys to leave out, and gives all of them one handle, unlike another user's", async () => {
    const { client, key } = await enrolPasskey(app, await newUser());
    const again = await startPasskey(client);
    expect(again.excludeCredentials.map(({ id }) => id)).toEqual([key.credentialId.toString("base64url")]);
    expect(again.user.id).toBe(key.userHandle);
    expect((await startPasskey(await loggedIn())).user.id).not.toBe(key.userHandle);
  });

  test("names it after the device, or as the user says; 1 to 100 visible characters", async () => {
    const client = await loggedIn();
    const named = async (name: string | null) => {
      const { challenge, rp, user } = await startPasskey(client);
      const response = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin });
      const answer = await client.run(AddPasskeyDocument, { response, name });
      return answer.data?.addPasskey?.passkey.name ?? answer.codes[0];
    };
    expect(await named(null)).toBe("node");
    expect(await named("My phone")).toBe("My phone");
    expect(await named("")).toBe("BAD_USER_INPUT");
    expect(await named("a".repeat(101))).toBe("BAD_USER_INPUT");
    expect(await named("a\u202eb")).toBe("BAD_USER_INPUT");
  });

  test("takes a statement that is signed with the new key itself, which browsers pass on", async () => {
    const client = await loggedIn();
    const { challenge, rp, user } = await startPasskey(client);
    const lies = { fmt: "packed", attStmt: selfAttested };
    const response = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin }, lies);
    expect((await client.run(AddPasskeyDocument, { response })).codes).toEqual([]);
  });

  describe("refuses what proves nothing, and adds nothing", () => {
    test.each<[string, Lies]>([
      ["another origin", { origin: "http://localhost:1" }],
      ["another RP id", { rpId: "example.com" }],
      ["a frame of another site", { crossOrigin: true, topOrigin: "https://evil.example" }],
      ["a topOrigin of a page that says it is no frame", { topOrigin: "http://localhost" }],
      ["a frame of another site in Safari, without topOrigin", { crossOrigin: true }],
      ["no user verification", { userVerified: false }],
      ["nobody present", { userPresent: false }],
      ["the wrong ceremony", { type: "webauthn.get" }],
      ["another challenge", { challenge: randomBytes(32).toString("base64url") }],
      [
        "an algorithm that was not offered",
        { cose: createKey("", { algorithm: "ES256" }).cose.fill(0x28, 4, 5) },
      ],
      [
        "a certificate, even a good one: its list of revocations may be anywhere",
        { fmt: "packed", attStmt: certified },
      ],
      ["a form of attestation that nobody asked for", { fmt: "fido-u2f", attStmt: selfAttested }],
      ["a key that is none", { cose: Buffer.from("a0", "hex") }],
    ])("%s", async (_, lies) => {
      const client = await loggedIn();
      const { challenge, rp, user } = await startPasskey(client);
      const response = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin }, lies);
      const answer = await client.run(AddPasskeyDocument, { response });
      expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
      expect(await passkeysOf(client)).toEqual([]);
    });
  });

  test("uses its challenge up, whatever the outcome, and serves only the session that began", async () => {
    const alice = await newUser();
    const [client, other] = [await loggedIn(alice), await loggedIn(alice)];
    const { challenge, rp, user } = await startPasskey(client);
    const options = { challenge, rpId: rp.id, origin: app.origin };
    const codes = [];
    for (const [by, lies] of [
      [other, {}],
      [client, { userVerified: false }],
      [client, {}],
    ] as const)
      codes.push(
        (await by.run(AddPasskeyDocument, { response: attest(createKey(user.id), options, lies) })).codes,
      );
    expect(codes).toEqual(Array.from({ length: 3 }, () => ["INVALID_CREDENTIALS"]));
    expect(await passkeysOf(client)).toEqual([]);
  });

  test("adds one when a challenge is used eight times at once", async () => {
    const client = await loggedIn();
    const { challenge, rp, user } = await startPasskey(client);
    const options = { challenge, rpId: rp.id, origin: app.origin };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        client.run(AddPasskeyDocument, { response: attest(createKey(user.id), options) }),
      ),
    );
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
    expect(await passkeysOf(client)).toHaveLength(1);
  });

  test("is too late after five minutes", async () => {
    const client = await loggedIn();
    const { challenge, rp, user } = await startPasskey(client);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: new Date(0) })
      .execute();
    const response = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin });
    expect((await client.run(AddPasskeyDocument, { response })).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("refuses the challenge of a reauthentication", async () => {
    const { client } = await enrolPasskey(app, await newUser());
    const { user } = await startPasskey(client);
    const options = await startReauthentication(client);
    const response = attest(createKey(user.id), { ...options, origin: app.origin });
    expect((await client.run(AddPasskeyDocument, { response })).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("refuses a credential that another user has, and one whose id differs from what was signed", async () => {
    const { key } = await enrolPasskey(app, await newUser());
    const client = await loggedIn();
    const add = async (credentialId: Buffer, change = {}) => {
      const { challenge, rp, user } = await startPasskey(client);
      const options = { challenge, rpId: rp.id, origin: app.origin };
      const response = { ...attest(createKey(user.id), options, { credentialId }), ...change };
      return (await client.run(AddPasskeyDocument, { response })).codes;
    };
    expect(await add(key.credentialId)).toEqual(["INVALID_CREDENTIALS"]);
    const id = randomBytes(32).toString("base64url");
    expect(await add(randomBytes(32), { id, rawId: id })).toEqual(["INVALID_CREDENTIALS"]);
    expect(await passkeysOf(client)).toEqual([]);
    expect((await logInWithPasskey(app, key)).answer.codes).toEqual([]);
  });

  test("gives one handle to two sessions that add the first at once: the second begins again", async () => {
    const alice = await newUser();
    const [one, two] = [await loggedIn(alice), await loggedIn(alice)];
    const [first, second] = [await startPasskey(one), await startPasskey(two)];
    const add = async (client: Client, { challenge, rp, user }: CreationOptions) => {
      const response = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin });
      return (await client.run(AddPasskeyDocument, { response })).codes;
    };
    expect(await add(one, first)).toEqual([]);
    await app.database
      .updateTable("sessions")
      .set({ second_factor_at: sql<Date>`now()` })
      .where("user_id", "=", alice.id)
      .execute();
    expect(await add(two, second)).toEqual(["INVALID_CREDENTIALS"]);
    const again = await startPasskey(two);
    expect(again.user.id).toBe(first.user.id);
    expect(await add(two, again)).toEqual([]);
  });

  test("needs a recent login, by the second factor if there is one, and a verified email", async () => {
    const codesOf = async (client: Client) => (await client.run(StartPasskeyDocument)).codes;
    const old = await loggedIn();
    const { client, user, secret } = await enrolTotp(app, await newUser());
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: ago(hours(1)) })
      .execute();
    expect(await codesOf(old)).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect(await codesOf(client)).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect(await codesOf(await logInWithCode(app, user, codeOf(secret)))).toEqual([]);
    const unproven = await newUser();
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", unproven.id)
      .execute();
    expect(await codesOf(await loggedIn(unproven))).toEqual(["BAD_USER_INPUT"]);
  });

  test("stops at twenty", async () => {
    const { client, user, key } = await enrolPasskey(app, await newUser());
    const started = await startPasskey(client);
    const row = await app.database
      .selectFrom("passkeys")
      .selectAll()
      .where("user_id", "=", user.id)
      .executeTakeFirstOrThrow();
    const more = Array.from({ length: 19 }, () => ({
      ...row,
      id: crypto.randomUUID(),
      credential_id: randomBytes(32),
    }));
    await app.database.insertInto("passkeys").values(more).execute();
    const { challenge, rp } = started;
    const response = attest(createKey(key.userHandle), { challenge, rpId: rp.id, origin: app.origin });
    expect((await client.run(AddPasskeyDocument, { response })).codes).toEqual(["BAD_USER_INPUT"]);
    expect((await client.run(StartPasskeyDocument)).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("is closed to access tokens", async () => {
    const { client: script } = await createScript(app, await newUser(), ["profile:read"]);
    expect((await script.run(StartPasskeyDocument)).codes).toEqual(["FORBIDDEN"]);
    expect((await script.run(PasskeysDocument)).codes).toEqual(["FORBIDDEN"]);
  });
});

describe("renaming and removing a passkey", () => {
  test("gives it another name, and is closed to other users", async () => {
    const { client, id } = await enrolPasskey(app, await newUser());
    const { client: other } = await enrolPasskey(app, await newUser());
    expect((await other.run(RenamePasskeyDocument, { id, name: "mine" })).codes).toEqual(["NOT_FOUND"]);
    expect((await other.run(RemovePasskeyDocument, { id })).codes).toEqual(["NOT_FOUND"]);
    expect((await client.run(RemovePasskeyDocument, { id: "no-uuid" })).codes).toEqual(["NOT_FOUND"]);
    expect((await client.run(RenamePasskeyDocument, { id: "no-uuid", name: "x" })).codes).toEqual([
      "NOT_FOUND",
    ]);
    expect((await client.run(RenamePasskeyDocument, { id, name: " " })).codes).toEqual(["BAD_USER_INPUT"]);
    const renamed = await client.run(RenamePasskeyDocument, { id, name: "Blue key" });
    expect(renamed.data?.renamePasskey?.passkey).toEqual({ id, name: "Blue key" });
  });

  test("answers what browsers need to forget it, tells the owner, and ends its logins", async () => {
    const user = await newUser();
    const first = await enrolPasskey(app, user);
    const second = await addPasskey(app, first.client);
    const removed = await first.client.run(RemovePasskeyDocument, { id: first.id });
    expect(removed.data?.removePasskey).toEqual({
      passkeyId: first.id,
      rpId: "localhost",
      credentialId: first.key.credentialId.toString("base64url"),
      userHandle: first.key.userHandle,
      acceptedCredentialIds: [second.key.credentialId.toString("base64url")],
    });
    expect((await logInWithPasskey(app, first.key)).answer.codes).toEqual(["INVALID_CREDENTIALS"]);
    expect((await logInWithPasskey(app, second.key)).answer.codes).toEqual([]);
    await until(() => messagesTo(app.mail.received, user.email, /second factor was removed/)[0]);
  });

  test("ends the recovery codes with the last second factor, and not before", async () => {
    const { client, user, id } = await enrolPasskey(app, await newUser());
    const left = async () => (await client.run(SecondFactorsDocument)).data?.secondFactors?.recoveryCodesLeft;
    const secret = (await client.run(StartTotpDocument)).data?.startTotp?.secret ?? "";
    await client.run(ConfirmTotpDocument, { code: codeOf(secret) });
    expect((await client.run(RemovePasskeyDocument, { id })).codes).toEqual([]);
    expect(await left()).toBe(10);
    await app.database.deleteFrom("totp_factors").where("user_id", "=", user.id).execute();
    const { id: next } = await addPasskey(app, client);
    expect(await left()).toBe(10);
    expect((await client.run(RemovePasskeyDocument, { id: next })).codes).toEqual([]);
    expect(await left()).toBe(0);
  });

  test("needs a recent login with the second factor", async () => {
    const { client, id } = await enrolPasskey(app, await newUser());
    await app.database
      .updateTable("sessions")
      .set({ second_factor_at: ago(hours(1)) })
      .execute();
    const answer = await client.run(RemovePasskeyDocument, { id });
    expect(answer.codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect(answer.errors?.[0]?.extensions?.methods).toEqual(["PASSKEY", "RECOVERY_CODE"]);
  });

  test("refuses the last way into an account without a password", async () => {
    const { client, user, id } = await enrolPasskey(app, await newUser());
    await app.database.updateTable("users").set({ password_hash: null }).where("id", "=", user.id).execute();
    const answer = await client.run(RemovePasskeyDocument, { id });
    expect(answer.errors?.[0]?.extensions?.fields).toMatchObject([{ rule: "last_way_in" }]);
    const { id: another } = await addPasskey(app, client);
    expect((await client.run(RemovePasskeyDocument, { id: another })).codes).toEqual([]);
    expect((await client.run(RemovePasskeyDocument, { id })).codes).toEqual(["BAD_USER_INPUT"]);
  });
});

describe("a reauthentication with a passkey", () => {
  test("makes the login recent again", async () => {
    const { client, key, id } = await enrolPasskey(app, await newUser());
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: ago(hours(1)), second_factor_at: ago(hours(1)) })
      .execute();
    const options = await startReauthentication(client);
    expect(options.allowCredentials).toHaveLength(1);
    const passkey = assert(key, { ...options, origin: app.origin });
    const renewed = await client.run(ReauthenticateWithPasskeyDocument, { passkey });
    client.token = renewed.data?.reauthenticate?.token ?? null;
    expect((await client.run(RemovePasskeyDocument, { id })).codes).toEqual([]);
  });

  test("refuses the challenge of a new passkey", async () => {
    const { client, key } = await enrolPasskey(app, await newUser());
    const { challenge, rp } = await startPasskey(client);
    const passkey = assert(key, { challenge, rpId: rp.id, origin: app.origin });
    expect((await client.run(ReauthenticateWithPasskeyDocument, { passkey })).codes).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });

  test("refuses another user's passkey, another session's challenge, another purpose's, a used and an old one", async () => {
    const alice = await enrolPasskey(app, await newUser());
    const bob = await enrolPasskey(app, await newUser());
    const { client: second } = await logInWithPasskey(app, alice.key);
    const tried = async (key: WithPasskey["key"], options: RequestOptions, lies: Lies = {}) => {
      const passkey = assert(key, { ...options, origin: app.origin }, lies);
      return (await alice.client.run(ReauthenticateWithPasskeyDocument, { passkey })).codes;
    };
    const codes = [await tried(bob.key, await startReauthentication(alice.client))];
    codes.push(await tried(alice.key, await startReauthentication(second)));
    codes.push(await tried(alice.key, (await beginPasskeyLogin(app)).options));
    codes.push(await tried(alice.key, (await beginSecondStep(app, alice.user)).options));
    const options = await startReauthentication(alice.client);
    codes.push(await tried(alice.key, options, { userVerified: false }));
    codes.push(await tried(alice.key, options));
    const old = await startReauthentication(alice.client);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: new Date(0) })
      .execute();
    codes.push(await tried(alice.key, old));
    expect(codes).toEqual(Array.from({ length: 7 }, () => ["INVALID_CREDENTIALS"]));
  });
});

const startReauthentication = async (client: Client): Promise<RequestOptions> => {
  const started = await client.run(StartPasskeyReauthenticationDocument);
  expect(started.data?.startReauthentication?.methods).toContain("PASSKEY");
  return started.data?.startReauthentication?.passkeyOptions as unknown as RequestOptions;
};

const eventsOf = async ({ id }: User) => {
  const events = await app.database
    .selectFrom("audit_events")
    .select("type")
    .where("user_id", "=", id)
    .where("type", "like", "SECOND_FACTOR%")
    .execute();
  return events.map(({ type }) => type);
};

test("every refusal of a response has one text", async () => {
  const client = await loggedIn();
  const answers = [];
  for (const lies of [{ userVerified: false }, { origin: "http://localhost:1" }]) {
    const { challenge, rp, user } = await startPasskey(client);
    const response = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin }, lies);
    answers.push(await client.run(AddPasskeyDocument, { response }));
  }
  const [one, two] = answers.map(wholeOf);
  expect(one).toEqual(two);
});
