// Passkeys in Chromium, whose virtual authenticator stands for the user's device. The page's code is that of docs/passkeys.md.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type App, startApp, type User } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

const bundle = join(
  import.meta.dirname,
  "../../node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js",
);

let browser: Browser;
let app: App;
let context: BrowserContext;
let page: Page;
let devtools: CDPSession;
let authenticatorId: string;
let alice: User;

beforeAll(async () => {
  app = await startApp();
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  alice = await app.createUser({ email: `${crypto.randomUUID()}@example.org` });
  context = await browser.newContext();
  page = await context.newPage();
  devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  ({ authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  }));
  // A page of ours with no script of its own.
  await page.goto(`${app.origin}/account/verify`);
});
afterEach(() => context.close());

interface Answer {
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

const ask = (query: string, variables = {}): Promise<Answer> =>
  page.evaluate(async (body) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/graphql", { method: "POST", headers, body })).json() as Promise<Answer>;
  }, JSON.stringify({ query, variables }));
const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code);
const viewer = async () => (await ask("{ viewer { username } }")).data?.viewer?.username ?? null;

const logInWithPassword = async () => {
  const { username, password } = alice;
  return ask(
    "mutation ($u: String!, $p: String!) { login(username: $u, password: $p, mode: SESSION) { userId challenge { pendingToken passkeyOptions } } }",
    { u: username, p: password },
  );
};

/** What the browser answers, or the name of its error. A text, because our types are those of Node. */
const inPage = (ceremony: string): Promise<unknown> =>
  page.evaluate(`(async () => {
    try {
      return (await ${ceremony}).toJSON();
    } catch (error) {
      return error.name;
    }
  })()`);
const create = (options: unknown) =>
  inPage(`navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}),
  })`);
const get = (options: unknown) =>
  inPage(`navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}),
  })`);

const logIn =
  "mutation ($p: String!, $r: JSONObject!) { loginWithPasskey(pendingToken: $p, response: $r, mode: SESSION) { userId } }";

const enrol = async (answer = create) => {
  expect(codesOf(await logInWithPassword())).toEqual([]);
  const started = await ask("mutation { startPasskey { options } }");
  const response = await answer(started.data?.startPasskey?.options);
  const added = await ask(
    "mutation ($r: JSONObject!) { addPasskey(response: $r) { recoveryCodes passkey { id name backedUp } } }",
    { r: response },
  );
  expect(codesOf(added)).toEqual([]);
  return added.data?.addPasskey as {
    readonly recoveryCodes: readonly string[];
    readonly passkey: { readonly id: string; readonly name: string };
  };
};

describe("a passkey in Chromium", () => {
  test("is added, and logs in without a name", async () => {
    const { passkey, recoveryCodes } = await enrol();
    expect(recoveryCodes).toHaveLength(10);
    expect(passkey.name).toMatch(/Chrom/);
    await ask("mutation { logout { message } }");
    expect(await viewer()).toBeNull();
    const started = await ask("mutation { startPasskeyLogin { options pendingToken } }");
    const { options, pendingToken } = started.data?.startPasskeyLogin ?? {};
    const login = await ask(logIn, { p: pendingToken, r: await get(options) });
    expect(login.data?.loginWithPasskey?.userId).toBe(alice.id);
    expect(await viewer()).toBe(alice.username);
  });

  test("is added and used by @simplewebauthn/browser too, for browsers without parse…OptionsFromJSON", async () => {
    await page.evaluate(await readFile(bundle, "utf8"));
    await page.evaluate(`delete PublicKeyCredential.parseCreationOptionsFromJSON;
      delete PublicKeyCredential.parseRequestOptionsFromJSON;
      delete PublicKeyCredential.prototype.toJSON;`);
    const library = (ceremony: string, optionsJSON: unknown): Promise<unknown> =>
      page.evaluate(`SimpleWebAuthnBrowser.${ceremony}(${JSON.stringify({ optionsJSON })})`);
    await enrol((options) => library("startRegistration", options));
    await ask("mutation { logout { message } }");
    const started = await ask("mutation { startPasskeyLogin { options pendingToken } }");
    const { options, pendingToken } = started.data?.startPasskeyLogin ?? {};
    const login = await ask(logIn, { p: pendingToken, r: await library("startAuthentication", options) });
    expect(login.data?.loginWithPasskey?.userId).toBe(alice.id);
  });

  test("is the second step after a password, and a reauthentication", async () => {
    await enrol();
    await ask("mutation { logout { message } }");
    const challenge = (await logInWithPassword()).data?.login?.challenge as {
      readonly pendingToken: string;
      readonly passkeyOptions: unknown;
    };
    const { pendingToken, passkeyOptions } = challenge;
    const login = await ask(
      "mutation ($p: String!, $r: JSONObject!) { completeLogin(pendingToken: $p, passkey: $r) { userId } }",
      { p: pendingToken, r: await get(passkeyOptions) },
    );
    expect(codesOf(login)).toEqual([]);
    expect(await viewer()).toBe(alice.username);
    await app.database
      .updateTable("sessions")
      .set({ second_factor_at: new Date(0) })
      .where("user_id", "=", alice.id)
      .execute();
    expect(codesOf(await ask("mutation { startTotp { uri } }"))).toEqual(["REAUTHENTICATION_REQUIRED"]);
    const started = await ask("mutation { startReauthentication { methods passkeyOptions } }");
    const options = started.data?.startReauthentication?.passkeyOptions;
    const renewed = await ask("mutation ($r: JSONObject!) { reauthenticate(passkey: $r) { message } }", {
      r: await get(options),
    });
    expect(codesOf(renewed)).toEqual([]);
    expect(codesOf(await ask("mutation { startTotp { uri } }"))).toEqual([]);
  });

  test("is not used while the device does not verify its user", async () => {
    await enrol();
    await ask("mutation { logout { message } }");
    await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    const started = await ask("mutation { startPasskeyLogin { options pendingToken } }");
    const options = started.data?.startPasskeyLogin?.options as Record<string, unknown>;
    // The browser refuses by itself.
    expect(await get(options)).toBe("NotAllowedError");
    // A page that asks for less gets an answer, and our server refuses that.
    const response = await get({ ...options, userVerification: "discouraged" });
    const login = await ask(logIn, { p: started.data?.startPasskeyLogin?.pendingToken, r: response });
    expect(codesOf(login)).toEqual(["INVALID_CREDENTIALS"]);
    expect(await viewer()).toBeNull();
  });

  test("is not added twice to one device, and its removal answers what the browser needs to forget it", async () => {
    const { passkey } = await enrol();
    const started = await ask("mutation { startPasskey { options } }");
    expect(await create(started.data?.startPasskey?.options)).toBe("InvalidStateError");
    const removed = await ask(
      "mutation ($id: ID!) { removePasskey(id: $id) { rpId credentialId userHandle acceptedCredentialIds } }",
      { id: passkey.id },
    );
    const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
    const [kept] = credentials;
    const inBase64url = (text = "") => Buffer.from(text, "base64").toString("base64url");
    expect(removed.data?.removePasskey).toEqual({
      rpId: "localhost",
      credentialId: inBase64url(kept?.credentialId),
      userHandle: inBase64url(kept?.userHandle),
      acceptedCredentialIds: [],
    });
    const { rpId, credentialId } = removed.data?.removePasskey ?? {};
    await page.evaluate(
      `PublicKeyCredential.signalUnknownCredential(${JSON.stringify({ rpId, credentialId })})`,
    );
    const left = async () =>
      (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length;
    await expect.poll(left).toBe(0);
  });
});
