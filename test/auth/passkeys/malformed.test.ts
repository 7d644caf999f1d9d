import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, wholeOf } from "../../harness/client.ts";
import { type App, startApp } from "../../harness/server.ts";
import {
  assert,
  attest,
  beginPasskeyLogin,
  beginSecondStep,
  createKey,
  enrolPasskey,
  logInWithPasskey,
  startPasskey,
  type WithPasskey,
} from "../../harness/sign-in/passkeys.ts";
import {
  AddPasskeyDocument,
  CompleteLoginWithPasskeyDocument,
  LoginWithPasskeyDocument,
  ReauthenticateWithPasskeyDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let alice: WithPasskey;

beforeAll(async () => {
  app = await startApp();
  alice = await enrolPasskey(app, await newUser());
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });
const base64url = (text: string) => Buffer.from(text).toString("base64url");

type Json = Record<string, unknown>;

/** Each takes a right response and makes it one that no browser sends. */
const spoilt: readonly [string, (right: Json) => unknown][] = [
  ["nothing", () => ({})],
  ["no id", ({ id: _, ...rest }) => rest],
  ["an id that is a number", (right) => ({ ...right, id: 1, rawId: 1 })],
  ["an id that is no base64url", (right) => ({ ...right, id: "a+/=", rawId: "a+/=" })],
  ["two ids", (right) => ({ ...right, rawId: base64url("other") })],
  ["an id of 20 KiB", (right) => ({ ...right, id: "a".repeat(20_000), rawId: "a".repeat(20_000) })],
  ["another type", (right) => ({ ...right, type: "shared-key" })],
  ["no response", ({ response: _, ...rest }) => rest],
  ["a response that is null", (right) => ({ ...right, response: null })],
  ["a response that is a text", (right) => ({ ...right, response: "{}" })],
  ["an empty response", (right) => ({ ...right, response: {} })],
  ["a response in the prototype", ({ response, ...rest }) => ({ ...rest, ["__proto__"]: { response } })],
  ["a list for a text", (right) => withResponse(right, { clientDataJSON: ["a"] })],
  ["client data that is no JSON", (right) => withResponse(right, { clientDataJSON: base64url("{") })],
  ["client data that is null", (right) => withResponse(right, { clientDataJSON: base64url("null") })],
  ["client data that is a list", (right) => withResponse(right, { clientDataJSON: base64url("[]") })],
  ["client data that is empty", (right) => withResponse(right, { clientDataJSON: base64url("{}") })],
  [
    "client data with a mark at its beginning",
    (right) => withResponse(right, { clientDataJSON: base64url("\ufeff{}") }),
  ],
  ["client data of 60 KiB", (right) => withResponse(right, { clientDataJSON: "a".repeat(60_000) })],
];

const withResponse = (right: Json, change: Json) => ({
  ...right,
  response: { ...(right.response as Json), ...change },
});
const bytesFor = (name: string): [string, (right: Json) => unknown][] => [
  [`${name} of one byte`, (right) => withResponse(right, { [name]: "AA" })],
  [`${name} of zeros`, (right) => withResponse(right, { [name]: Buffer.alloc(200).toString("base64url") })],
  [
    `${name} of ones`,
    (right) => withResponse(right, { [name]: Buffer.alloc(200, 255).toString("base64url") }),
  ],
  [`${name} as an object`, (right) => withResponse(right, { [name]: { length: 5 } })],
  [`${name} of 60 KiB`, (right) => withResponse(right, { [name]: "a".repeat(60_000) })],
  [`no ${name}`, (right) => withResponse(right, { [name]: undefined })],
];
const deep = Buffer.alloc(6_000, 0x81).toString("base64url");

const assertions = [
  ...spoilt,
  ...bytesFor("authenticatorData"),
  ...bytesFor("signature"),
  ["a user handle that is a number", (right: Json) => withResponse(right, { userHandle: 1 })],
] as [string, (right: Json) => unknown][];

const attestations = [
  ...spoilt,
  ...bytesFor("attestationObject"),
  ["lists in lists", (right: Json) => withResponse(right, { attestationObject: deep })],
  ["transports that are no list", (right: Json) => withResponse(right, { transports: "usb" })],
] as [string, (right: Json) => unknown][];

describe("a malformed response", () => {
  describe("is refused like a wrong passkey in a login", () => {
    test.each(assertions)("%s", async (_, spoil) => {
      const wrong = await logInWithPasskey(app, alice.key, { signer: createKey("") });
      const { client, pendingToken, options } = await beginPasskeyLogin(app);
      const response = spoil(assert(alice.key, options)) as Json;
      const answer = await client.run(LoginWithPasskeyDocument, { pendingToken, response });
      expect(wholeOf(answer)).toEqual(wholeOf(wrong.answer));
      expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
    });
  });

  test("is refused like a wrong passkey in a second step and a reauthentication", async () => {
    const answers = new Set<string>();
    for (const [, spoil] of assertions) {
      const { client, pendingToken, options } = await beginSecondStep(app, alice.user);
      const passkey = spoil(assert(alice.key, options)) as Json;
      for (const answer of [
        await client.run(CompleteLoginWithPasskeyDocument, { pendingToken, passkey }),
        await alice.client.run(ReauthenticateWithPasskeyDocument, { passkey }),
      ])
        answers.add(answer.codes.join());
      await app.database.deleteFrom("rate_limits").execute();
    }
    expect([...answers]).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("is refused when a passkey is added, and adds nothing", async () => {
    const client = new Client(app);
    await client.logIn(await newUser());
    const answers = [];
    for (const [, spoil] of attestations) {
      const { challenge, rp, user } = await startPasskey(client);
      const right = attest(createKey(user.id), { challenge, rpId: rp.id, origin: app.origin });
      answers.push((await client.run(AddPasskeyDocument, { response: spoil(right) as Json })).codes.join());
    }
    expect(new Set(answers)).toEqual(new Set(["INVALID_CREDENTIALS"]));
  });
});
