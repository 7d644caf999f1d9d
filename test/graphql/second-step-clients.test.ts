// "A login with a second step" of docs/clients.md, run with the real clients and with curl's requests.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { SetContextLink } from "@apollo/client/link/context";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { noteAnswer, noteRequest } from "../harness/logs/canaries.ts";
import { codeOf, enrolTotp } from "../harness/second-factors.ts";
import { type App, startApp } from "../harness/server.ts";
import {
  CompleteLoginDocument,
  LogInDocument,
  PrivateDocument,
  ReauthenticateWithDocument,
  RegenerateRecoveryCodesDocument,
} from "../operations/generated/graphql.ts";

let app: App;
let url: string;
let username: string;
let password: string;
let secret: string;
let userId: string;
let token: string | null;
/** The codes that the person has typed: none twice. */
let typed: number;

beforeAll(async () => {
  app = await startApp();
  url = app.url;
});
afterAll(() => app?.close());
beforeEach(async () => {
  const enrolled = await enrolTotp(
    app,
    await app.createUser({ email: `${crypto.randomUUID()}@example.org` }),
  );
  ({ id: userId, username, password } = enrolled.user);
  secret = enrolled.secret;
  token = null;
  typed = 0;
});

const askForCode = async (methods: readonly string[]): Promise<string> => {
  expect(methods).toEqual(["TOTP", "RECOVERY_CODE"]);
  typed += 1;
  return codeOf(secret, { steps: typed - 1 });
};

/** A browser keeps cookies for requests that are made with credentials; Node's fetch keeps none. */
const openBrowser = () => {
  const cookies = new Map<string, string>();
  const browserFetch: typeof fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set("cookie", [...cookies].map((cookie) => cookie.join("=")).join("; "));
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

test("Apollo Client completes a login, and proves the user again for a sensitive act", async () => {
  const fetch = openBrowser();
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
    const code = await askForCode(challenge.methods);
    await client.mutate({
      mutation: CompleteLoginDocument,
      variables: { pendingToken: challenge.pendingToken, code },
    });
  }
  await client.clearStore();

  expect((await client.query({ query: PrivateDocument })).data?.private?.message).toContain(username);
  await ageLogins();

  const methodsAskedFor = (error: unknown): readonly string[] | null => {
    if (!CombinedGraphQLErrors.is(error)) return null;
    const asked = error.errors.find(({ extensions }) => extensions?.code === "REAUTHENTICATION_REQUIRED");
    return asked === undefined ? null : (asked.extensions?.methods as readonly string[]);
  };

  const change = () => client.mutate({ mutation: RegenerateRecoveryCodesDocument });
  const refused = await change().catch((error: unknown) => error);
  const methods = methodsAskedFor(refused);
  if (methods) {
    const code = await askForCode(methods);
    await client.mutate({ mutation: ReauthenticateWithDocument, variables: { code } });
  }
  const changed = await change();

  expect(methods).toEqual(["TOTP", "RECOVERY_CODE"]);
  expect(changed.data?.regenerateRecoveryCodes?.recoveryCodes).toHaveLength(10);
  expect(methodsAskedFor(new Error("another"))).toBeNull();
});

test("an app completes a login with no cookie, and gets its token from the second answer", async () => {
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
  if (challenge) {
    const code = await askForCode(challenge.methods);
    const completed = await client.mutate({
      mutation: CompleteLoginDocument,
      variables: { pendingToken: challenge.pendingToken, code },
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
    const code = await askForCode(challenge.methods);
    await client.mutation(CompleteLoginDocument, { pendingToken: challenge.pendingToken, code });
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
  const wrong = await complete(codeOf(secret, { steps: 9 }));
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
  expect((await complete(codeOf(secret))).data.completeLogin.token).toMatch(/^gws_/);
  expect((await complete(codeOf(secret, { steps: 1 }))).errors[0].extensions.code).toBe("INVALID_TOKEN");
});

const ageLogins = () =>
  app.database
    .updateTable("sessions")
    .set({ second_factor_at: sql<Date>`now() - interval '11 minutes'` })
    .where("user_id", "=", userId)
    .execute();
