// docs/clients.md, run with the real clients and their own defaults.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors, CombinedProtocolErrors, ServerError } from "@apollo/client/errors";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import {
  Client,
  type CombinedError,
  cacheExchange,
  fetchExchange,
  makeOperation,
  mapExchange,
} from "@urql/core";
import { parse } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorTable } from "../../src/errors.ts";
import * as harness from "../harness/client.ts";
import { noteAnswer, noteRequest } from "../harness/logs/canaries.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import {
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  type PrivateQuery,
  type PublicQuery,
  ViewerDocument,
} from "../operations/generated/graphql.ts";

let app: App;
let url: string;
let user: User;
let username: string;
let password: string;
let greeting: string;
/** The app's key store. */
let token: string | null;

beforeAll(async () => {
  app = await startApp();
  url = app.url;
});
afterAll(() => app?.close());

beforeEach(async () => {
  user = await app.createUser();
  ({ username, password } = user);
  greeting = `Hello ${username}, this is private!`;
  token = null;
});

const PublicAndPrivateDocument: TypedDocumentNode<PublicQuery & PrivateQuery, Record<string, never>> = parse(
  "query PublicAndPrivate { public { message } private { message } }",
);

/** Node's fetch keeps no cookies. A browser does, for requests that are made with credentials. */
const openBrowser = () => {
  const cookies = new Map<string, string>();
  const requests: { method: string; headers: Headers }[] = [];
  const browserFetch: typeof fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (init.credentials === "include" && cookies.size > 0)
      headers.set("cookie", [...cookies].map((cookie) => cookie.join("=")).join("; "));
    requests.push({ method: init.method ?? "GET", headers });
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
  return { cookies, requests, fetch: browserFetch };
};

const forgetToken = () => {
  token = null;
};

const makeRevokedToken = async (): Promise<string | null> => {
  const elsewhere = new harness.Client(app);
  await elsewhere.logIn(user, "TOKEN");
  await elsewhere.run(LogOutDocument);
  return elsewhere.token;
};

/**
 * What asks now is answered only after `meanwhile`: the server decides at once, and its answer comes late. Fetch is the network
 * here.
 */
const answeredAfter = async <Answer>(
  ask: () => Promise<Answer>,
  meanwhile: () => Promise<void>,
): Promise<Answer> => {
  const { fetch: realFetch } = globalThis;
  let decided: (() => void) | undefined;
  const isDecided = new Promise<void>((resolve) => {
    decided = resolve;
  });
  let release: (() => void) | undefined;
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  globalThis.fetch = async (...request) => {
    const response = await realFetch(...request);
    decided?.();
    await isReleased;
    return response;
  };
  const answer = ask();
  await isDecided;
  globalThis.fetch = realFetch;
  await meanwhile();
  release?.();
  return answer;
};

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("It was answered."),
    (error: unknown) => error,
  );

describe("Apollo Client", () => {
  const openWithCookie = ({ fetch } = openBrowser()) => {
    const client = new ApolloClient({
      link: new HttpLink({
        uri: url,
        credentials: "include",
        fetch,
      }),
      cache: new InMemoryCache(),
    });
    return client;
  };

  const mustLogIn = (error: unknown): boolean =>
    (ServerError.is(error) && error.statusCode === 401) ||
    // The second is the end of an open subscription.
    ((CombinedGraphQLErrors.is(error) || CombinedProtocolErrors.is(error)) &&
      error.errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED"));

  const openWithToken = () => {
    const withToken = new SetContextLink(({ headers }) => ({
      sentToken: token,
      headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
    }));
    const whenRefused = new ErrorLink(({ error, operation }) => {
      if (mustLogIn(error) && operation.getContext().sentToken === token) forgetToken();
    });
    const client = new ApolloClient({
      link: ApolloLink.from([whenRefused, withToken, new HttpLink({ uri: url })]),
      cache: new InMemoryCache(),
    });
    return client;
  };

  const codesOf = (error: unknown) => {
    if (!CombinedGraphQLErrors.is(error)) throw error;
    return error.errors.map(({ extensions }) => extensions?.code);
  };

  test("logs in, asks and logs out with a cookie and no token", async () => {
    const browser = openBrowser();
    const client = openWithCookie(browser);
    const login = await client.mutate({
      mutation: LogInDocument,
      variables: { username, password, mode: "SESSION" },
    });
    expect(login.data?.login).toMatchObject({ token: null, userId: user.id });
    await client.clearStore();
    const { data } = await client.query({ query: PrivateDocument });
    expect(data?.private?.message).toBe(greeting);
    expect((await client.query({ query: ViewerDocument })).data?.viewer?.username).toBe(username);
    await client.mutate({ mutation: LogOutDocument });
    await client.clearStore();
    expect([...browser.cookies.keys()]).toEqual(["graphward-device"]);
    expect(browser.requests.some(({ headers }) => headers.has("authorization"))).toBe(false);

    const error = await rejection(client.query({ query: PrivateDocument }));
    expect(codesOf(error)).toEqual(["UNAUTHENTICATED"]);
    expect(mustLogIn(error)).toBe(true);
    expect((await client.query({ query: ViewerDocument })).data?.viewer).toBeNull();
  });

  test("logs in, asks and logs out with a token and no cookie", async () => {
    const client = openWithToken();
    const login = await client.mutate({
      mutation: LogInDocument,
      variables: { username, password, mode: "TOKEN" },
    });
    token = login.data?.login?.token ?? null;
    await client.clearStore();
    expect(token).toMatch(/^gws_/);
    expect((await client.query({ query: PrivateDocument })).data?.private?.message).toBe(greeting);
    expect((await client.query({ query: ViewerDocument })).data?.viewer?.username).toBe(username);
    await client.mutate({ mutation: LogOutDocument });
    token = null;
    await client.clearStore();

    const error = await rejection(client.query({ query: PrivateDocument }));
    expect(codesOf(error)).toEqual(["UNAUTHENTICATED"]);
    expect(mustLogIn(error)).toBe(true);
  });

  test("sees a revoked token as a ServerError of status 401 with our body, on public fields and login too", async () => {
    const client = openWithToken();
    const revoked = await makeRevokedToken();
    for (const ask of [
      () => client.query({ query: PrivateDocument }),
      () => client.query({ query: ViewerDocument }),
      () => client.mutate({ mutation: LogInDocument, variables: { username, password } }),
    ]) {
      token = revoked;
      const error = await rejection(ask());
      if (!ServerError.is(error)) throw error;
      expect(error.statusCode).toBe(401);
      expect(error.response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
      expect(JSON.parse(error.bodyText)).toEqual({
        errors: [{ message: "Invalid token.", extensions: { code: "UNAUTHENTICATED" } }],
      });
      expect(token).toBeNull();
    }
    expect((await client.query({ query: ViewerDocument })).data?.viewer).toBeNull();
  });

  test("keeps a new token when a request with the replaced one, or with none, is refused late", async () => {
    const client = openWithToken();
    for (const sent of [await makeRevokedToken(), null]) {
      token = sent;
      const error = await rejection(
        answeredAfter(
          () => client.query({ query: PrivateDocument, fetchPolicy: "no-cache" }),
          async () => {
            token = null;
            const variables = { username, password, mode: "TOKEN" } as const;
            const login = await client.mutate({ mutation: LogInDocument, variables });
            token = login.data?.login?.token ?? null;
          },
        ),
      );
      expect(mustLogIn(error)).toBe(true);
      expect(token).toMatch(/^gws_/);
      expect(
        (await client.query({ query: PrivateDocument, fetchPolicy: "no-cache" })).data?.private?.message,
      ).toBe(greeting);
    }
  });

  test("forgets in every tab what another tab has logged out", async () => {
    const browser = openBrowser();
    const open = () => {
      const client = openWithCookie(browser);
      const tabs = new BroadcastChannel("login");
      tabs.onmessage = () => client.resetStore();

      const announceLogin = () => tabs.postMessage(null);
      return { client, announceLogin, close: () => tabs.close() };
    };
    const [one, other] = [open(), open()];
    await one.client.mutate({ mutation: LogInDocument, variables: { username, password, mode: "SESSION" } });
    const seen: (string | null)[] = [];
    other.client
      .watchQuery({ query: ViewerDocument })
      .subscribe(
        ({ data }) => void seen.push((data?.viewer as { username: string } | null)?.username ?? null),
      );
    await expect.poll(() => seen.at(-1)).toBe(username);
    await one.client.mutate({ mutation: LogOutDocument });
    one.announceLogin();
    await expect.poll(() => seen.at(-1)).toBeNull();
    one.close();
    other.close();
  });

  test("shows what is public beside the error of what is private with errorPolicy all, and rejects without", async () => {
    const client = openWithToken();
    const refusal = await rejection(client.query({ query: PublicAndPrivateDocument }));
    expect(codesOf(refusal)).toEqual(["UNAUTHENTICATED"]);
    const { data, error } = await client.query({ query: PublicAndPrivateDocument, errorPolicy: "all" });
    expect(data?.public?.message).toBe("Public access allowed!");
    expect(data?.private).toBeNull();
    expect(codesOf(error)).toEqual(["UNAUTHENTICATED"]);
  });

  test("caches the null of a refused field with errorPolicy all, and forgets that it was refused", async () => {
    const client = openWithToken();
    await client.query({ query: PublicAndPrivateDocument, errorPolicy: "all", fetchPolicy: "no-cache" });
    expect(codesOf(await rejection(client.query({ query: PrivateDocument })))).toEqual(["UNAUTHENTICATED"]);
    await client.query({ query: PublicAndPrivateDocument, errorPolicy: "all" });
    expect(await client.query({ query: PrivateDocument })).toEqual({
      data: { private: null },
      error: undefined,
    });
    await client.clearStore();
    expect(codesOf(await rejection(client.query({ query: PrivateDocument })))).toEqual(["UNAUTHENTICATED"]);
  });

  test("shows a failed login as an error with a code", async () => {
    const wrong = { username, password: "not the password" };
    const error = await rejection(openWithCookie().mutate({ mutation: LogInDocument, variables: wrong }));
    expect(codesOf(error)).toEqual(["INVALID_CREDENTIALS"]);
    expect(mustLogIn(error)).toBe(false);
  });

  test("keeps what the last user saw until its cache is cleared", async () => {
    const client = openWithCookie();
    await client.query({ query: ViewerDocument });
    await client.mutate({ mutation: LogInDocument, variables: { username, password, mode: "SESSION" } });
    expect((await client.query({ query: ViewerDocument })).data?.viewer).toBeNull();
    await client.clearStore();
    expect((await client.query({ query: ViewerDocument })).data?.viewer?.username).toBe(username);
    await client.mutate({ mutation: LogOutDocument });
    expect((await client.query({ query: ViewerDocument })).data?.viewer?.username).toBe(username);
    await client.clearStore();
    expect((await client.query({ query: ViewerDocument })).data?.viewer).toBeNull();
  });
});

describe("urql", () => {
  const clientsWithCookie = ({ fetch } = openBrowser()) => {
    const newClient = () =>
      new Client({
        url,
        exchanges: [cacheExchange, fetchExchange],
        fetchOptions: { credentials: "include" },
        fetch,
      });
    return newClient;
  };

  const mustLogIn = (error: CombinedError | undefined): boolean =>
    error?.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED") ?? false;

  const clientsWithToken = () => {
    const withToken = mapExchange({
      onOperation: (operation) => {
        const fetchOptions = token === null ? {} : { headers: { authorization: `Bearer ${token}` } };
        return makeOperation(operation.kind, operation, {
          ...operation.context,
          fetchOptions,
          sentToken: token,
        });
      },
      onError: (error, { context }) => {
        if (mustLogIn(error) && context.sentToken === token) forgetToken();
      },
    });
    const newClient = () =>
      new Client({
        url,
        exchanges: [cacheExchange, withToken, fetchExchange],
      });
    return newClient;
  };

  const codesOf = (error: CombinedError | undefined) =>
    error?.graphQLErrors.map(({ extensions }) => extensions.code);

  test("logs in, asks and logs out with a cookie and no token", async () => {
    const browser = openBrowser();
    const newClient = clientsWithCookie(browser);
    let client = newClient();
    const login = await client.mutation(LogInDocument, { username, password, mode: "SESSION" });
    expect(login.data?.login).toMatchObject({ token: null, userId: user.id });
    client = newClient();
    const { data, error } = await client.query(PrivateDocument, {});
    expect(error).toBeUndefined();
    expect(data?.private?.message).toBe(greeting);
    expect((await client.query(ViewerDocument, {})).data?.viewer?.username).toBe(username);
    await client.mutation(LogOutDocument, {});
    client = newClient();
    expect([...browser.cookies.keys()]).toEqual(["graphward-device"]);
    expect(browser.requests.map(({ method }) => method)).toEqual(["POST", "GET", "GET", "POST"]);
    expect(browser.requests.some(({ headers }) => headers.has("authorization"))).toBe(false);

    const after = await client.query(PrivateDocument, {});
    expect(after.data).toEqual({ private: null });
    expect(codesOf(after.error)).toEqual(["UNAUTHENTICATED"]);
    expect(after.error?.response?.status).toBe(200);
    expect(mustLogIn(after.error)).toBe(true);
    expect((await client.query(ViewerDocument, {})).data?.viewer).toBeNull();
  });

  test("logs in, asks and logs out with a token and no cookie", async () => {
    const newClient = clientsWithToken();
    let client = newClient();
    const login = await client.mutation(LogInDocument, { username, password, mode: "TOKEN" });
    token = login.data?.login?.token ?? null;
    client = newClient();
    expect(token).toMatch(/^gws_/);
    expect((await client.query(PrivateDocument, {})).data?.private?.message).toBe(greeting);
    expect((await client.query(ViewerDocument, {})).data?.viewer?.username).toBe(username);
    await client.mutation(LogOutDocument, {});
    token = null;
    client = newClient();

    const { error } = await client.query(PrivateDocument, {});
    expect(codesOf(error)).toEqual(["UNAUTHENTICATED"]);
    expect(mustLogIn(error)).toBe(true);
  });

  test("sees a revoked token as a GraphQL error in an answer of status 401, on public fields and login too", async () => {
    const newClient = clientsWithToken();
    const client = newClient();
    const revoked = await makeRevokedToken();
    for (const ask of [
      () => client.query(PrivateDocument, {}),
      () => client.query(ViewerDocument, {}),
      () => client.mutation(LogInDocument, { username, password }),
    ]) {
      token = revoked;
      const { data, error } = await ask();
      expect(data).toBeUndefined();
      expect(error?.networkError).toBeUndefined();
      expect(error?.response?.status).toBe(401);
      expect(error?.message).toBe("[GraphQL] Invalid token.");
      expect(codesOf(error)).toEqual(["UNAUTHENTICATED"]);
      expect(token).toBeNull();
    }
    expect((await client.query(ViewerDocument, {})).data?.viewer).toBeNull();
  });

  test("keeps a new token when a request with the replaced one, or with none, is refused late", async () => {
    const newClient = clientsWithToken();
    for (const sent of [await makeRevokedToken(), null]) {
      const client = newClient();
      token = sent;
      const { error } = await answeredAfter(
        () => client.query(PrivateDocument, {}).toPromise(),
        async () => {
          token = null;
          const login = await newClient().mutation(LogInDocument, { username, password, mode: "TOKEN" });
          token = login.data?.login?.token ?? null;
        },
      );
      expect(mustLogIn(error)).toBe(true);
      expect(token).toMatch(/^gws_/);
      expect((await newClient().query(PrivateDocument, {})).data?.private?.message).toBe(greeting);
    }
  });

  test("shows what is public beside the error of what is private", async () => {
    const newClient = clientsWithToken();
    const { data, error } = await newClient().query(PublicAndPrivateDocument, {});
    expect(data?.public.message).toBe("Public access allowed!");
    expect(data?.private).toBeNull();
    expect(codesOf(error)).toEqual(["UNAUTHENTICATED"]);
  });

  test("shows a failed login as an error with a code", async () => {
    const newClient = clientsWithCookie();
    const wrong = { username, password: "not the password" };
    const { error } = await newClient().mutation(LogInDocument, wrong);
    expect(codesOf(error)).toEqual(["INVALID_CREDENTIALS"]);
    expect(mustLogIn(error)).toBe(false);
  });

  test("keeps what the last user saw, refusals too, until there is a new client", async () => {
    const newClient = clientsWithCookie();
    let client = newClient();
    expect(codesOf((await client.query(PrivateDocument, {})).error)).toEqual(["UNAUTHENTICATED"]);
    await client.mutation(LogInDocument, { username, password, mode: "SESSION" });
    expect(codesOf((await client.query(PrivateDocument, {})).error)).toEqual(["UNAUTHENTICATED"]);
    client = newClient();
    expect((await client.query(PrivateDocument, {})).data?.private?.message).toBe(greeting);
    await client.mutation(LogOutDocument, {});
    expect((await client.query(PrivateDocument, {})).data?.private?.message).toBe(greeting);
    client = newClient();
    expect(codesOf((await client.query(PrivateDocument, {})).error)).toEqual(["UNAUTHENTICATED"]);
  });
});

describe("docs/clients.md", () => {
  let text: string;
  beforeAll(async () => {
    text = await readFile("docs/clients.md", "utf8");
  });

  test("shows no line of TypeScript that is not run here", async () => {
    const shown = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code).join("");
    const caches = join(import.meta.dirname, "normalised-caches.test.ts");
    const secondStep = join(import.meta.dirname, "second-step-clients.test.ts");
    const apps = join(import.meta.dirname, "../auth/providers/apps.test.ts");
    const live = join(import.meta.dirname, "../live/clients.test.ts");
    const files = [import.meta.filename, caches, secondStep, apps, live];
    const run = (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
    expect(shown).not.toBe("");
    expect(importsOf(run)).toEqual(expect.arrayContaining(importsOf(shown)));
    expect(statementLinesOf(run)).toEqual(expect.arrayContaining(statementLinesOf(shown)));
  });

  test("tells what to do on each error code, and on no other", async () => {
    expect(text).toContain("(reference/errors.md)");
    const errors = await readFile("docs/reference/errors.md", "utf8");
    const codes = [...errors.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(codes.toSorted()).toEqual(Object.keys(errorTable).toSorted());
  });
});

const imports = /^import (?:type )?\{([^}]+)\} from "([^"]+)";$/gm;

const importsOf = (code: string): string[] =>
  [...code.matchAll(imports)].flatMap(([, names = "", from]) =>
    names
      .split(",")
      // A reader's documents are in a folder of their own.
      .map((name) => `${name.trim()} from ${from?.replace(/^[./]+/, "")}`)
      .filter((line) => !line.startsWith(" ")),
  );

const statementLinesOf = (code: string): string[] =>
  code
    .replaceAll(imports, "")
    .split("\n")
    .map((line) => line.trim());
