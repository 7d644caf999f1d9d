import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, wholeOf } from "../../harness/client.ts";
import { type App, startApp } from "../../harness/server.ts";
import {
  assert,
  beginPasskeyLogin,
  beginSecondStep,
  createKey,
  enrolPasskey,
  type Lies,
  logInWithPasskey,
  type WithPasskey,
} from "../../harness/sign-in/passkeys.ts";
import { enrolTotp } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginWithPasskeyDocument,
  LoginWithPasskeyDocument,
  PrivateDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let alice: WithPasskey;

beforeAll(async () => {
  app = await startApp();
  alice = await enrolPasskey(app, await newUser());
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });

describe("a login without a name", () => {
  test.each(["ES256", "EdDSA", "RS256"] as const)(
    "opens what is private with cookie and token, and is both factors: %s",
    async (algorithm) => {
      const { user, key } = await enrolPasskey(app, await newUser(), { algorithm });
      const { client, answer } = await logInWithPasskey(app, key);
      expect(answer.data?.loginWithPasskey).toMatchObject({ userId: user.id, challenge: null });
      expect((await new Client(app, { token: client.token }).run(PrivateDocument)).codes).toEqual([]);
      expect((await new Client(app, { cookies: client.cookies }).run(PrivateDocument)).codes).toEqual([]);
      expect(client.cookies.has("graphward-pending")).toBe(false);
    },
  );

  test("lists no passkeys, asks for user verification, and has another challenge each time", async () => {
    const [one, two] = [await beginPasskeyLogin(app), await beginPasskeyLogin(app)];
    expect(one.options).toMatchObject({
      rpId: "localhost",
      allowCredentials: [],
      userVerification: "required",
      timeout: 300_000,
    });
    expect(Buffer.from(one.options.challenge, "base64url")).toHaveLength(32);
    expect(one.options.challenge).not.toBe(two.options.challenge);
    const stored = await app.database.selectFrom("proof_challenges").select("passkey_challenge").execute();
    const bytes = Buffer.from(one.options.challenge, "base64url");
    expect(stored.some(({ passkey_challenge: it }) => it?.equals(bytes))).toBe(false);
  });

  const foreign = randomBytes(32).toString("base64url");
  describe("refuses what proves nothing, with one answer for all, and sets nothing", () => {
    test.each<[string, Lies]>([
      ["another origin", { origin: "http://localhost:1" }],
      ["an origin that begins with ours", { origin: "http://localhost.example.com" }],
      ["another RP id", { rpId: "example.com" }],
      ["a frame of another site", { crossOrigin: true, topOrigin: "https://evil.example" }],
      ["a frame of another site in Safari, without topOrigin", { crossOrigin: true }],
      ["a crossOrigin of another type", { crossOrigin: "false" }],
      ["a topOrigin of a page that says it is no frame", { topOrigin: "http://localhost" }],
      ["a foreign user handle", { userHandle: foreign }],
      ["no user handle", { userHandle: null }],
      ["an empty user handle", { userHandle: "" }],
      ["no user verification", { userVerified: false }],
      ["nobody present", { userPresent: false }],
      ["the wrong ceremony", { type: "webauthn.create" }],
      ["another challenge", { challenge: foreign }],
      ["a challenge of another type", { challenge: 1 }],
      ["the key of another", { signer: createKey("") }],
      ["a key of another algorithm", { signer: createKey("", { algorithm: "EdDSA" }) }],
      ["the id of nobody's credential", { credentialId: randomBytes(32) }],
      ["a claim to be synced, by a passkey that cannot be", { backupEligible: true, backedUp: true }],
      ["a backup of what cannot be backed up", { backedUp: true }],
    ])("%s", async (_, lies) => {
      const { client, answer } = await logInWithPasskey(app, alice.key, lies);
      const known = await logInWithPasskey(app, alice.key, { signer: createKey("") });
      expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
      expect(wholeOf(answer)).toEqual(wholeOf(known.answer));
      expect([...client.cookies.keys()]).toEqual(["graphward-pending"]);
      // The passkey itself is as good as before.
      expect((await logInWithPasskey(app, alice.key)).answer.codes).toEqual([]);
    });
  });

  test("uses its challenge up, whatever the outcome", async () => {
    const { key } = await enrolPasskey(app, await newUser());
    const { client, pendingToken, options } = await beginPasskeyLogin(app);
    const codes = [];
    for (const lies of [{ userVerified: false }, {}]) {
      const response = assert(key, options, lies);
      codes.push((await client.run(LoginWithPasskeyDocument, { pendingToken, response })).codes);
    }
    expect(codes).toEqual([["INVALID_CREDENTIALS"], ["INVALID_TOKEN"]]);
  });

  test("refuses a response a second time with another challenge", async () => {
    const { key } = await enrolPasskey(app, await newUser());
    const first = await beginPasskeyLogin(app);
    const response = assert(key, first.options);
    const { pendingToken, client } = first;
    expect((await client.run(LoginWithPasskeyDocument, { pendingToken, response })).codes).toEqual([]);
    const next = await beginPasskeyLogin(app);
    const again = { pendingToken: next.pendingToken, response };
    expect((await next.client.run(LoginWithPasskeyDocument, again)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("is one login when its challenge is used eight times at once", async () => {
    const { key } = await enrolPasskey(app, await newUser());
    const { client, pendingToken, options } = await beginPasskeyLogin(app);
    const response = assert(key, options);
    const cookies = new Map(client.cookies);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        new Client(app, { cookies: new Map(cookies) }).run(LoginWithPasskeyDocument, {
          pendingToken,
          response,
        }),
      ),
    );
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
  });

  test("is over after five minutes", async () => {
    const { key } = await enrolPasskey(app, await newUser());
    const { client, pendingToken, options } = await beginPasskeyLogin(app);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: new Date(0) })
      .execute();
    const response = assert(key, options);
    expect((await client.run(LoginWithPasskeyDocument, { pendingToken, response })).codes).toEqual([
      "INVALID_TOKEN",
    ]);
  });

  test("sets a cookie only in the browser that began it; an app needs no cookie", async () => {
    const { key } = await enrolPasskey(app, await newUser());
    const codesOf = async (mode: "SESSION" | "SESSION_AND_TOKEN" | "TOKEN", begins: Client | null) => {
      const { pendingToken, options } = await beginPasskeyLogin(app);
      const client = begins ?? new Client(app);
      const response = assert(key, options);
      return (await client.run(LoginWithPasskeyDocument, { pendingToken, response, mode })).codes;
    };
    const { client: other } = await beginPasskeyLogin(app);
    expect(await codesOf("SESSION", null)).toEqual(["INVALID_TOKEN"]);
    expect(await codesOf("SESSION", other)).toEqual(["INVALID_TOKEN"]);
    expect(await codesOf("SESSION_AND_TOKEN", other)).toEqual(["INVALID_TOKEN"]);
    expect(await codesOf("TOKEN", null)).toEqual([]);
  });

  test("refuses the pending token of a second step, and a second step refuses this one", async () => {
    const { user, key } = await enrolPasskey(app, await newUser());
    const step = await beginSecondStep(app, user);
    const response = assert(key, step.options);
    const wrong = { pendingToken: step.pendingToken, response };
    expect((await step.client.run(LoginWithPasskeyDocument, wrong)).codes).toEqual(["INVALID_TOKEN"]);
    const login = await beginPasskeyLogin(app);
    const passkey = assert(key, login.options);
    const other = { pendingToken: login.pendingToken, passkey };
    expect((await login.client.run(CompleteLoginWithPasskeyDocument, other)).codes).toEqual([
      "INVALID_TOKEN",
    ]);
  });

  test("does not end a second step that waits in the same browser", async () => {
    const { user, key } = await enrolPasskey(app, await newUser());
    const step = await beginSecondStep(app, user);
    await beginPasskeyLogin(app, step.client);
    const passkey = assert(key, step.options);
    const { pendingToken } = step;
    expect(
      (await step.client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey })).codes,
    ).toEqual([]);
  });

  test("is refused for a deactivated user, like a wrong one", async () => {
    const { user, key } = await enrolPasskey(app, await newUser());
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
    expect((await logInWithPasskey(app, key)).answer.codes).toEqual(["INVALID_CREDENTIALS"]);
  });
});

describe("the second step of a login", () => {
  test("accepts a passkey of the user, and lists the user's only", async () => {
    const { user, key } = await enrolPasskey(app, await newUser());
    const { client, pendingToken, methods, options } = await beginSecondStep(app, user);
    expect(methods).toEqual(["PASSKEY", "RECOVERY_CODE"]);
    expect(options.allowCredentials.map(({ id }) => id)).toEqual([key.credentialId.toString("base64url")]);
    // An authenticator leaves the handle out when it was given a list.
    const passkey = assert(key, options, { userHandle: null });
    const answer = await client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey });
    expect(answer.data?.completeLogin?.userId).toBe(user.id);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
  });

  test("refuses a passkey of another user, like a wrong one", async () => {
    const { user } = await enrolPasskey(app, await newUser());
    const { key: foreign } = await enrolPasskey(app, await newUser());
    const { client, pendingToken, options } = await beginSecondStep(app, user);
    const passkey = assert(foreign, options);
    expect((await client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey })).codes).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });

  test("uses its challenge up, whatever the outcome; and accepts it for five minutes", async () => {
    const { user, key } = await enrolPasskey(app, await newUser());
    const wrong = await beginSecondStep(app, user);
    const codes = [];
    for (const lies of [{ userVerified: false }, {}]) {
      const passkey = assert(key, wrong.options, lies);
      const { pendingToken } = wrong;
      codes.push((await wrong.client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey })).codes);
    }
    const late = await beginSecondStep(app, user);
    await app.database
      .updateTable("proof_challenges")
      .set({ created_at: new Date(Date.now() - 301_000) })
      .execute();
    const passkey = assert(key, late.options);
    const { pendingToken } = late;
    codes.push((await late.client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey })).codes);
    expect(codes).toEqual(Array.from({ length: 3 }, () => ["INVALID_CREDENTIALS"]));
  });

  test("offers no passkey to a user who has none, and refuses one there, like a wrong code", async () => {
    const { user } = await enrolTotp(app, await newUser());
    const step = await beginSecondStep(app, user);
    expect(step.options).toBeNull();
    const { options } = await beginPasskeyLogin(app);
    const passkey = assert(alice.key, options);
    const { pendingToken } = step;
    expect(
      (await step.client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey })).codes,
    ).toEqual(["INVALID_CREDENTIALS"]);
  });
});
