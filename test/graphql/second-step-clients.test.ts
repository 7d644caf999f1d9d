// The second step, a recent login and a login by mail of docs/clients.md, run with the real clients and with curl's requests.
import { readFile } from "node:fs/promises";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { SetContextLink } from "@apollo/client/link/context";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { buildSchema, parse, validate } from "graphql";
import { sql } from "kysely";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noteAnswer, noteRequest } from "../harness/logs/canaries.ts";
import { type App, startApp } from "../harness/server.ts";
import { nextCode } from "../harness/sign-in/mailed-codes.ts";
import * as harness from "../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  LogInDocument,
  LogInWithCodeDocument,
  PrivateDocument,
  ReauthenticateWithDocument,
  RegenerateRecoveryCodesDocument,
  RequestLoginCodeDocument,
  TrustedBrowsersDocument,
} from "../operations/generated/graphql.ts";

let app: App;
let url: string;
let username: string;
let password: string;
let email: string;
let secret: string;
let recoveryCodes: readonly string[];
let userId: string;
let token: string | null;
/** The codes that the person has typed: none twice. */
let typed: number;

const codeOf = (secret: string, steps: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

beforeAll(async () => {
  app = await startApp({ LOGIN_CODES: "on" });
  url = app.url;
});
afterAll(() => app?.close());
beforeEach(async () => {
  email = `${crypto.randomUUID()}@example.org`;
  const enrolled = await harness.enrolTotp(app, await app.createUser({ email }));
  ({ id: userId, username, password } = enrolled.user);
  ({ secret, recoveryCodes } = enrolled);
  token = null;
  typed = 0;
});

/** First the code of now, then that of the next step, then a recovery code. */
const askForProof = async (methods: readonly string[]) => {
  expect(methods).toEqual(["TOTP", "RECOVERY_CODE"]);
  typed += 1;
  return typed <= 2 ? { code: codeOf(secret, typed - 1) } : { recoveryCode: recoveryCodes[0] };
};

const askForMailedCode = () => nextCode(app, email);

/** A browser keeps cookies for requests that are made with credentials; Node's fetch keeps none. */
const openBrowser = () => {
  const cookies = new Map<string, string>();
  const browserFetch: typeof fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (init.credentials === "include" && cookies.size > 0)
      headers.set("cookie", [...cookies].map((cookie) => cookie.join("=")).join("; "));
    noteRequest({ path: String(input), headers: Object.fromEntries(headers), body: init.body });
    const response = await fetch(input, { ...init, headers });
    noteAnswer(response.headers.getSetCookie(), await response.clone().text());
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  return browserFetch;
};

test("Apollo Client completes a login, trusts the browser, and proves the user again for a sensitive act", async () => {
  const fetch = openBrowser();
  const trustBrowser = true;
  const client = new ApolloClient({
    link: new HttpLink({ uri: url, credentials: "include", fetch }),
    cache: new InMemoryCache(),
  });

  const login = await client.mutate({
    mutation: LogInDocument,
    variables: { username, password, mode: "SESSION" },
  });
  const challenge = login.data?.login?.challenge;
  if (challenge) {
    const proof = await askForProof(challenge.methods);
    await client.mutate({
      mutation: CompleteLoginDocument,
      variables: { pendingToken: challenge.pendingToken, ...proof, trustBrowser },
    });
  }
  await client.clearStore();

  expect((await client.query({ query: TrustedBrowsersDocument })).data?.trustedBrowsers).toHaveLength(1);
  expect((await client.query({ query: PrivateDocument })).data?.private?.message).toContain(username);
  await ageLogins();

  const methodsAskedFor = (error: unknown): readonly string[] => {
    if (!CombinedGraphQLErrors.is(error)) return [];
    const asked = error.errors.find(({ extensions }) => extensions?.code === "REAUTHENTICATION_REQUIRED");
    return (asked?.extensions?.methods ?? []) as readonly string[];
  };

  const withRecentLogin = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await act();
    } catch (error) {
      const methods = methodsAskedFor(error);
      // Only a new login with one of `extensions.providers` helps, or nothing: see below.
      if (methods.length === 0) throw error;
      const proof = await askForProof(methods);
      await client.mutate({ mutation: ReauthenticateWithDocument, variables: proof });
      return act();
    }
  };

  await client.mutate({ mutation: ReauthenticateWithDocument, variables: { password } });
  expect(typed).toBe(1);
  const changed = await withRecentLogin(() => client.mutate({ mutation: RegenerateRecoveryCodesDocument }));

  expect(typed).toBe(2);
  expect(changed.data?.regenerateRecoveryCodes?.recoveryCodes).toHaveLength(10);

  let runs = 0;
  const succeed = async () => {
    runs += 1;
    return runs;
  };
  expect(await withRecentLogin(succeed)).toBe(1);
  const fail = () => Promise.reject(new Error("another"));
  await expect(withRecentLogin(fail)).rejects.toThrow("another");
  expect([runs, typed]).toEqual([1, 2]);
});

test("an app completes a login with no cookie and a recovery code, and gets its token from the second answer", async () => {
  const client = new ApolloClient({
    link: ApolloLink.from([
      new SetContextLink(({ headers }) => ({
        headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
      })),
      new HttpLink({ uri: url }),
    ]),
    cache: new InMemoryCache(),
  });

  const login = await client.mutate({
    mutation: LogInDocument,
    variables: { username, password, mode: "TOKEN" },
  });
  token = login.data?.login?.token ?? null;
  const challenge = login.data?.login?.challenge;
  typed = 2;
  if (challenge) {
    const proof = await askForProof(challenge.methods);
    const completed = await client.mutate({
      mutation: CompleteLoginDocument,
      variables: { pendingToken: challenge.pendingToken, ...proof },
    });
    token = completed.data?.completeLogin?.token ?? null;
  }

  expect(token).toMatch(/^gws_/);
  expect((await client.query({ query: PrivateDocument })).data?.private?.message).toContain(username);
});

test("urql completes a login", async () => {
  const fetch = openBrowser();
  const newClient = () =>
    new Client({
      url,
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { credentials: "include" },
      fetch,
    });
  let client = newClient();

  const login = await client.mutation(LogInDocument, { username, password, mode: "SESSION" });
  const challenge = login.data?.login?.challenge;
  if (challenge) {
    const proof = await askForProof(challenge.methods);
    await client.mutation(CompleteLoginDocument, { pendingToken: challenge.pendingToken, ...proof });
  }
  client = newClient();

  expect((await client.query(PrivateDocument, {})).data?.private?.message).toContain(username);
});

test("the requests of curl answer what the page shows", async () => {
  const ask = async (query: string) => {
    const body = JSON.stringify({ query });
    noteRequest({ body });
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    const text = await response.text();
    noteAnswer([], text);
    return JSON.parse(text);
  };
  const { login } = (
    await ask(
      `mutation { login(username: "${username}", password: "${password}", mode: TOKEN) { token challenge { pendingToken methods expiresAt } } }`,
    )
  ).data;
  expect(login).toEqual({
    token: null,
    challenge: {
      pendingToken: expect.stringMatching(/^gwp_/),
      methods: ["TOTP", "RECOVERY_CODE"],
      expiresAt: expect.any(String),
    },
  });
  const { pendingToken } = login.challenge;
  const complete = (code: string) =>
    ask(`mutation { completeLogin(pendingToken: "${pendingToken}", code: "${code}") { token } }`);
  const wrong = await complete(codeOf(secret, 9));
  expect(wrong).toMatchObject({
    errors: [
      {
        message: "Unable to log in with provided credentials.",
        path: ["completeLogin"],
        extensions: { code: "INVALID_CREDENTIALS" },
      },
    ],
    data: { completeLogin: null },
  });
  expect((await complete(codeOf(secret, 0))).data.completeLogin.token).toMatch(/^gws_/);
  expect((await complete(codeOf(secret, 1))).errors[0].extensions.code).toBe("INVALID_TOKEN");
});

describe("a login by a code from a mail", () => {
  beforeEach(async () => {
    email = `${crypto.randomUUID()}@example.org`;
    await app.createUser({ email });
  });

  const openWith = (credentials: "include" | "omit") =>
    new ApolloClient({
      link: new HttpLink({ uri: url, credentials, fetch: openBrowser() }),
      cache: new InMemoryCache(),
    });

  test("works in a browser, which goes on with the second step if there is one", async () => {
    const client = openWith("include");
    const requested = await client.mutate({ mutation: RequestLoginCodeDocument, variables: { email } });
    const waiting = requested.data?.requestLoginCode;
    if (waiting) {
      const code = await askForMailedCode();
      const login = await client.mutate({
        mutation: LogInWithCodeDocument,
        variables: { pendingToken: waiting.pendingToken, code, mode: "SESSION" },
      });
      const challenge = login.data?.loginWithCode?.challenge;
      expect(challenge).toBeNull();
    }
    await client.clearStore();
    expect((await client.query({ query: PrivateDocument })).data?.private?.message).toContain("Hello");
  });

  test("is INVALID_TOKEN in a browser without cookies, and gives an app its token", async () => {
    const client = openWith("omit");
    const requested = await client.mutate({ mutation: RequestLoginCodeDocument, variables: { email } });
    const pendingToken = requested.data?.requestLoginCode?.pendingToken ?? "";
    const code = await askForMailedCode();
    const logIn = (mode: "SESSION" | "TOKEN") =>
      client.mutate({ mutation: LogInWithCodeDocument, variables: { pendingToken, code, mode } });
    await expect(logIn("SESSION")).rejects.toMatchObject({
      errors: [{ extensions: { code: "INVALID_TOKEN" } }],
    });
    expect((await logIn("TOKEN")).data?.loginWithCode?.token).toMatch(/^gws_/);
  });
});

test("the operations of docs/clients.md are valid", async () => {
  const page = await readFile("docs/clients.md", "utf8");
  const schema = buildSchema(await readFile("schema.graphql", "utf8"));
  const shown = [...page.matchAll(/^```graphql\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  expect(shown.join("")).toContain("mutation CompleteLogin(");
  for (const text of shown) expect(validate(schema, parse(text))).toEqual([]);
});

test("docs/testing.md computes the codes of the step before, of now and of the step after as this file does", async () => {
  const page = await readFile("docs/testing.md", "utf8");
  const own = await readFile(import.meta.filename, "utf8");
  const [, block = ""] = /^```ts\n([^`]*otpauth[^`]*)^```$/m.exec(page) ?? [];
  expect(block).toContain("codeOf");
  for (const line of block.trim().split("\n")) expect(own).toContain(line);
});

const ageLogins = () =>
  app.database
    .updateTable("sessions")
    .set({ second_factor_at: sql<Date>`now() - interval '11 minutes'` })
    .where("user_id", "=", userId)
    .execute();
