// The clients that docs/clients.md names, from npm and with their own defaults.
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors, CombinedProtocolErrors } from "@apollo/client/errors";
import { cacheExchange, fetchExchange, Client as Urql } from "@urql/core";
import { createClient, NetworkError } from "graphql-sse";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
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
}
const nothingTold = (): Told => ({ numbers: [], errors: [], isComplete: false });

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

const followWithApollo = (headers: Record<string, string>) => {
  const apollo = new ApolloClient({
    link: new HttpLink({ uri: url, headers }),
    cache: new InMemoryCache(),
  });
  const told = nothingTold();
  const following = apollo.subscribe<Data>({ query: gql(source) }).subscribe({
    next: ({ data, error }) => {
      if (data?.happened) told.numbers.push(data.happened.number);
      if (error) told.errors.push(error);
    },
    error: (error) => told.errors.push(error),
    complete: () => {
      told.isComplete = true;
    },
  });
  return { told, stop: () => following.unsubscribe() };
};

const followWithUrql = (headers: Record<string, string>) => {
  const client = new Urql({
    url,
    exchanges: [cacheExchange, fetchExchange],
    fetchSubscriptions: true,
    fetchOptions: { headers },
  });
  const told = nothingTold();
  const { unsubscribe } = client.subscription<Data>(source, {}).subscribe(({ data, error, hasNext }) => {
    if (error) told.errors.push(...error.graphQLErrors);
    else if (data?.happened && hasNext) told.numbers.push(data.happened.number);
    if (!hasNext) told.isComplete = true;
  });
  return { told, stop: unsubscribe };
};

const followWithSse = (headers: Record<string, string>) => {
  const streams = createClient({ url, headers, retryAttempts: 1 });
  const told = nothingTold();
  const stop = streams.subscribe<Data>(
    { query: source },
    {
      next: ({ data, errors = [] }) => {
        if (data?.happened) told.numbers.push(data.happened.number);
        told.errors.push(...errors);
      },
      error: (error) => told.errors.push(error),
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
      stop();
    });

    test("is told that it must log in first", async () => {
      const { told, stop } = follow({});
      await until(async () => told.errors.length > 0);
      expect(codesOf(told)).toEqual(["UNAUTHENTICATED"]);
      stop();
    });
  });

/** Each client has its own place for them; urql repeats the last result when nothing more comes. */
const codesOf = ({ errors }: Told): unknown[] => [...new Set(errors.flatMap(codesIn))];

const codesIn = (error: unknown): unknown[] => {
  if (CombinedProtocolErrors.is(error) || CombinedGraphQLErrors.is(error))
    return error.errors.map(({ extensions }) => extensions?.code);
  // After it has tried again.
  if (error instanceof NetworkError) return [error.response.status === 401 ? "UNAUTHENTICATED" : error];
  return [(error as { extensions?: { code: string } }).extensions?.code ?? error];
};
