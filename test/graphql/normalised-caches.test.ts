// The caches of real clients after each mutation that ends something: docs/clients.md shows how they follow.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { cacheExchange as documentCacheExchange, fetchExchange, Client as UrqlClient } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../harness/client.ts";
import { noteAnswer, noteRequest } from "../harness/logs/canaries.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import {
  AddAccessTokenDocument,
  DevicesDocument,
  EndAccessTokenDocument,
  EndOtherSessionsDocument,
  EndSessionDocument,
  OwnListsDocument,
  ReplacePasswordDocument,
} from "../operations/generated/graphql.ts";

let app: App;
let url: string;
let user: User;
let token: string | null;
let otherSession: string;
let accessToken: string;
beforeAll(async () => {
  app = await startApp();
  url = app.url;
});
afterAll(() => app.close());

beforeEach(async () => {
  user = await app.createUser();
  ({ id: accessToken } = await createScript(app, user, ["profile:read"]));
  const own = await logInAs(app, user);
  ({ token } = own);
  const { data } = await own.run(OwnListsDocument);
  otherSession = data?.sessions?.find(({ current }) => !current)?.id ?? "";
});

const noting: typeof fetch = async (input, init = {}) => {
  noteRequest({
    path: String(input),
    headers: Object.fromEntries(new Headers(init.headers)),
    body: init.body,
  });
  const response = await fetch(input, init);
  noteAnswer(response.headers.getSetCookie(), await response.clone().text());
  return response;
};

const newPassword = "a wholly different passphrase";

/** What another client of the user lists, which has no cache. */
const listed = async () => {
  const { data } = await new Client(app, { token }).run(OwnListsDocument);
  return {
    sessions: data?.sessions?.map(({ id }) => id),
    accessTokens: data?.accessTokens?.map(({ id }) => id),
  };
};

describe("Apollo Client", () => {
  const open = () => {
    const withToken = new SetContextLink(({ headers }) => ({
      headers: { ...headers, authorization: `Bearer ${token}` },
    }));
    return new ApolloClient({
      link: ApolloLink.from([withToken, new HttpLink({ uri: url, fetch: noting })]),
      cache: new InMemoryCache(),
    });
  };
  const cached = async (client: ApolloClient) => {
    const { data } = await client.query({ query: OwnListsDocument });
    return {
      sessions: data?.sessions?.map(({ id }) => id),
      accessTokens: data?.accessTokens?.map(({ id }) => id),
    };
  };

  test("lists no session and no access token that it ended, by their ids", async () => {
    const client = open();
    const before = await cached(client);
    expect([before.sessions, before.accessTokens]).toEqual([
      expect.arrayContaining([otherSession]),
      [accessToken],
    ]);

    await client.mutate({
      mutation: EndSessionDocument,
      variables: { id: otherSession },
      update: (cache, { data }) => {
        const ended = cache.identify({ __typename: "Session", id: data?.revokeSession?.sessionId });
        if (ended) cache.evict({ id: ended });
      },
    });
    await client.mutate({
      mutation: EndAccessTokenDocument,
      variables: { id: accessToken },
      update: (cache, { data }) => {
        const ended = cache.identify({
          __typename: "AccessToken",
          id: data?.revokeAccessToken?.accessTokenId,
        });
        if (ended) cache.evict({ id: ended });
      },
    });
    const after = await cached(client);
    expect(after.sessions).not.toContain(otherSession);
    expect(after).toEqual(await listed());
  });

  test("shows the lists that the payloads have", async () => {
    const client = open();
    await cached(client);
    await client.mutate({
      mutation: EndOtherSessionsDocument,
      update: (cache, { data }) => {
        const sessions = data?.revokeOtherSessions?.sessions;
        if (sessions) cache.writeQuery({ query: DevicesDocument, data: { sessions }, overwrite: true });
      },
    });
    const after = await cached(client);
    expect(after.sessions).toHaveLength(1);
    expect(after).toEqual(await listed());

    await logInAs(app, user);
    await client.query({ query: OwnListsDocument, fetchPolicy: "network-only" });
    const { data } = await client.mutate({
      mutation: ReplacePasswordDocument,
      variables: { currentPassword: user.password, newPassword },
    });
    token = data?.changePassword?.token ?? null;
    expect(data?.changePassword?.sessions?.map(({ id }) => id)).toEqual((await listed()).sessions);

    const added = await client.mutate({
      mutation: AddAccessTokenDocument,
      variables: { input: { name: "another", scopes: ["profile:read"] } },
    });
    expect(added.data?.createAccessToken?.accessTokens?.map(({ id }) => id)).toEqual(
      (await listed()).accessTokens,
    );
  });
});

describe("urql", () => {
  const open = (exchange: ReturnType<typeof cacheExchange>) =>
    new UrqlClient({
      url,
      exchanges: [exchange, fetchExchange],
      fetchOptions: () => ({ headers: { authorization: `Bearer ${token}` } }),
      preferGetMethod: false,
      fetch: noting,
    });
  const cached = async (client: UrqlClient) => {
    const { data } = await client.query(OwnListsDocument, {});
    return {
      sessions: data?.sessions?.map(({ id }) => id),
      accessTokens: data?.accessTokens?.map(({ id }) => id),
    };
  };
  const runAll = async (client: UrqlClient) => {
    const before = await cached(client);
    expect(before.sessions).toContain(otherSession);
    await client.mutation(EndSessionDocument, { id: otherSession });
    const after = await cached(client);
    expect(after.sessions).not.toContain(otherSession);
    expect(after).toEqual(await listed());

    await client.mutation(EndAccessTokenDocument, { id: accessToken });
    expect((await cached(client)).accessTokens).toEqual([]);

    await logInAs(app, user);
    await client.query(OwnListsDocument, {}, { requestPolicy: "network-only" });
    await client.mutation(EndOtherSessionsDocument, {});
    expect((await cached(client)).sessions).toHaveLength(1);
  };

  test("with Graphcache lists nothing that was ended", async () => {
    const normalizedCache = cacheExchange({
      keys: {
        RevokeSessionPayload: () => null,
        RevokeOtherSessionsPayload: () => null,
        RevokeAccessTokenPayload: () => null,
      },
      updates: {
        Mutation: {
          revokeSession(_result, { id }, cache) {
            cache.invalidate({ __typename: "Session", id: String(id) });
          },
          revokeAccessToken(_result, { id }, cache) {
            cache.invalidate({ __typename: "AccessToken", id: String(id) });
          },
          revokeOtherSessions(_result, _args, cache) {
            cache.invalidate("Query", "sessions");
          },
        },
      },
    });
    await runAll(open(normalizedCache));
  });

  test("with its document cache lists nothing that was ended, if the payload's list is asked for", async () => {
    const client = open(documentCacheExchange);
    await cached(client);
    await client.mutation(EndSessionDocument, { id: otherSession });
    expect(await cached(client)).toEqual(await listed());
    // An empty list has no type by which the document cache could know what changed.
    await client.mutation(
      EndAccessTokenDocument,
      { id: accessToken },
      { additionalTypenames: ["AccessToken"] },
    );
    expect(
      (await client.query(OwnListsDocument, {}, { additionalTypenames: ["AccessToken"] })).data?.accessTokens,
    ).toEqual([]);
  });
});
