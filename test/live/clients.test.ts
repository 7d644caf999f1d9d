// The clients that docs/clients.md names, from npm and with their own defaults.
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors, CombinedProtocolErrors, ServerError } from "@apollo/client/errors";
import { ErrorLink } from "@apollo/client/link/error";
import { cacheExchange, fetchExchange, Client as Urql } from "@urql/core";
import { createClient } from "graphql-sse";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../src/testing/ports.ts";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import { openStream, type ReadStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";
import { liveApplication } from "./application.ts";

let app: App;
let url: string;
let user: User;
let client: Client;
beforeAll(async () => {
  app = await startApplication(liveApplication);
  url = app.url;
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  client = await logInAs(app, user, "SESSION_AND_TOKEN");
});

const source = 'subscription { happened(room: "hall") { number } }';

/** What a client tells its application. */
interface Told {
  readonly numbers: number[];
  readonly errors: unknown[];
  isComplete: boolean;
  /** By its `error`, and not by an event. */
  hasFailed: boolean;
}
const nothingTold = (): Told => ({ numbers: [], errors: [], isComplete: false, hasFailed: false });

interface Data {
  readonly happened: { readonly number: number } | null;
}

/** Until the stream is open: a client does not say when. */
const happenUntil = async (told: Told, number: number) =>
  until(async () => {
    await client.run('mutation ($numbers: [Int!]!) { happen(room: "hall", numbers: $numbers) }', {
      numbers: [number],
    });
    return told.numbers.includes(number);
  });

const byCookie = (): Record<string, string> => ({
  cookie: [...client.cookies].map((pair) => pair.join("=")).join("; "),
});
const byToken = (): Record<string, string> => ({ authorization: `Bearer ${client.token}` });

/** How often a client has asked. */
let requests = 0;
beforeEach(() => {
  requests = 0;
});

interface Asking {
  readonly query?: string;
  /** Changes the body on its way: a client cannot write a document that cannot be parsed. */
  readonly change?: (body: string) => string;
}

const fetchWith =
  (change: (body: string) => string): typeof fetch =>
  (input, init) => {
    requests += 1;
    return fetch(input, { ...init, body: change(String(init?.body)) });
  };
const unchanged = (body: string) => body;

const followWithApollo = (
  headers: Record<string, string>,
  { query = source, change = unchanged }: Asking = {},
) => {
  const apollo = new ApolloClient({
    link: new HttpLink({ uri: url, headers, fetch: fetchWith(change) }),
    cache: new InMemoryCache(),
  });
  const told = nothingTold();
  const following = apollo.subscribe<Data>({ query: gql(query) }).subscribe({
    next: ({ data, error }) => {
      if (data?.happened) told.numbers.push(data.happened.number);
      if (error) told.errors.push(error);
    },
    error: (error) => {
      told.errors.push(error);
      told.hasFailed = true;
    },
    complete: () => {
      told.isComplete = true;
    },
  });
  return { told, stop: () => following.unsubscribe() };
};

const followWithUrql = (
  headers: Record<string, string>,
  { query = source, change = unchanged }: Asking = {},
) => {
  const client = new Urql({
    url,
    exchanges: [cacheExchange, fetchExchange],
    fetchSubscriptions: true,
    fetchOptions: { headers },
    fetch: fetchWith(change),
  });
  const told = nothingTold();
  const { unsubscribe } = client.subscription<Data>(query, {}).subscribe(({ data, error, hasNext }) => {
    if (error) told.errors.push(...error.graphQLErrors);
    else if (data?.happened && hasNext) told.numbers.push(data.happened.number);
    if (!hasNext) told.isComplete = true;
  });
  return { told, stop: unsubscribe };
};

const followWithSse = (
  headers: Record<string, string>,
  { query = source, change = unchanged }: Asking = {},
) => {
  const streams = createClient({ url, headers, fetchFn: fetchWith(change) });
  const told = nothingTold();
  const stop = streams.subscribe<Data>(
    { query },
    {
      next: ({ data, errors = [] }) => {
        if (data?.happened) told.numbers.push(data.happened.number);
        told.errors.push(...errors);
      },
      error: (error) => {
        told.errors.push(error);
        told.hasFailed = true;
      },
      complete: () => {
        told.isComplete = true;
      },
    },
  );
  return { told, stop };
};

const clients = {
  "Apollo Client 4": followWithApollo,
  "urql 6": followWithUrql,
  "graphql-sse": followWithSse,
};

for (const [name, follow] of Object.entries(clients))
  describe(name, () => {
    test("follows by cookie and by token", async () => {
      for (const headers of [byCookie(), byToken()]) {
        const { told, stop } = follow(headers);
        await happenUntil(told, 1);
        await happenUntil(told, 2);
        expect(told.errors).toEqual([]);
        stop();
      }
    });

    test("is told that the session has ended, and that nothing more comes", async () => {
      const { told, stop } = follow(byToken());
      await happenUntil(told, 1);
      await client.run(LogOutDocument);
      await until(async () => told.isComplete);
      expect(codesOf(told)).toEqual(["UNAUTHENTICATED"]);
      expect(told.hasFailed).toBe(false);
      stop();
    });

    describe("is told why its stream does not open, and does not try again:", () => {
      const requireTold = async (
        code: string,
        headers: Record<string, string>,
        asking: Asking = {},
      ): Promise<void> => {
        const { told, stop } = follow(headers, asking);
        await until(async () => told.errors.length > 0);
        expect([codesOf(told), requests]).toEqual([[code], 1]);
        stop();
      };

      test("it must log in first", () => requireTold("UNAUTHENTICATED", {}));

      test("its session has ended", async () => {
        const ended = [byCookie(), byToken()];
        await client.run(LogOutDocument);
        for (const headers of ended) {
          requests = 0;
          await requireTold("UNAUTHENTICATED", headers);
        }
      });

      test("it may not follow this", () =>
        requireTold("FORBIDDEN", byToken(), { query: "subscription { watched }" }));

      test("the document cannot be parsed", () =>
        requireTold("GRAPHQL_PARSE_FAILED", byToken(), {
          change: (body) => body.replace("subscription", "subscription {"),
        }));

      test("the document is not valid", () =>
        requireTold("GRAPHQL_VALIDATION_FAILED", byToken(), { query: "subscription { hapened }" }));

      test("too many streams of its session are open", async () => {
        const streams: ReadStream[] = [];
        for (let count = 0; count < 10; count += 1) streams.push(await openStream(app, client, source));
        await requireTold("RATE_LIMITED", byToken());
        for (const stream of streams) stream.close();
      });
    });
  });

const changeRoles = () =>
  app.database
    .updateTable("users")
    .set({ roles: ["ADMIN"] })
    .where("id", "=", user.id)
    .execute();

for (const follow of [followWithApollo, followWithUrql])
  test(`${follow === followWithApollo ? "Apollo Client" : "urql"} is told when to open its stream again, which its application does`, async () => {
    const { told, stop } = follow(byToken());
    await happenUntil(told, 1);
    await changeRoles();
    await until(async () => told.isComplete);
    expect([codesOf(told), told.hasFailed]).toEqual([["SERVICE_UNAVAILABLE"], false]);
    const [error] = told.errors;
    const [ending] = CombinedProtocolErrors.is(error) ? error.errors : told.errors;
    expect(ending).toMatchObject({ extensions: { retryAfter: expect.any(Number) } });
    stop();
    const again = follow(byToken());
    await happenUntil(again.told, 2);
    again.stop();
  });

test("Apollo Client counts the end of a stream among the reasons to log in", async () => {
  const mustLogIn = (error: unknown): boolean =>
    (ServerError.is(error) && error.statusCode === 401) ||
    // The second is the end of an open subscription.
    ((CombinedGraphQLErrors.is(error) || CombinedProtocolErrors.is(error)) &&
      error.errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED"));
  let hasForgotten = false;
  const whenRefused = new ErrorLink(({ error }) => {
    if (mustLogIn(error)) hasForgotten = true;
  });
  const apollo = new ApolloClient({
    link: ApolloLink.from([whenRefused, new HttpLink({ uri: url, headers: byToken() })]),
    cache: new InMemoryCache(),
  });
  const told = nothingTold();
  const following = apollo.subscribe<Data>({ query: gql(source) }).subscribe(({ data }) => {
    if (data?.happened) told.numbers.push(data.happened.number);
  });
  await happenUntil(told, 1);
  expect(hasForgotten).toBe(false);
  await client.run(LogOutDocument);
  await until(async () => hasForgotten);
  following.unsubscribe();
});

test("graphql-sse tries five more times to reach a server, and then fails", async () => {
  let connecting = 0;
  const streams = createClient({
    url: `http://localhost:${await findFreePort()}/graphql`,
    retry: async () => undefined,
    on: {
      connecting: () => {
        connecting += 1;
      },
    },
  });
  const failed = Promise.withResolvers<unknown>();
  streams.subscribe(
    { query: source },
    { next: () => undefined, error: failed.resolve, complete: () => failed.resolve("complete") },
  );
  expect(await failed.promise).toBeInstanceOf(Error);
  expect(connecting).toBe(6);
});

test("graphql-sse opens its stream again by itself after “retry”", async () => {
  const { told, stop } = followWithSse(byToken());
  await happenUntil(told, 1);
  await changeRoles();
  await until(async () => told.errors.length > 0);
  expect(codesOf(told)).toEqual(["SERVICE_UNAVAILABLE"]);
  await happenUntil(told, 2);
  stop();
});

/** Each client has its own place for them; urql repeats the last result when nothing more comes. */
const codesOf = ({ errors }: Told): unknown[] => [...new Set(errors.flatMap(codesIn))];

const codesIn = (error: unknown): unknown[] =>
  CombinedProtocolErrors.is(error) || CombinedGraphQLErrors.is(error)
    ? error.errors.map(({ extensions }) => extensions?.code)
    : [(error as { extensions?: { code: string } }).extensions?.code ?? error];
