// Requests as clients in the field send them, header for header.
import { getIntrospectionQuery } from "graphql";
import { type Case, get, named, post, preflighted } from "./cases.ts";

const browser = {
  "accept-language": "en-GB,en;q=0.9",
  "accept-encoding": "gzip, deflate, br, zstd",
  "sec-fetch-site": "same-origin",
  "sec-fetch-mode": "cors",
  "sec-fetch-dest": "empty",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
const apolloAccept = "application/graphql-response+json,application/json;q=0.9";
const apolloClient = { library: { name: "@apollo/client", version: "4.3.8" } };
const urqlAccept =
  "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
const greeting =
  "query PublicAndPrivate {\n  public {\n    message\n    __typename\n  }\n  private {\n    message\n    __typename\n  }\n}";
const invalid = "query Broken {\n  publik {\n    message\n    __typename\n  }\n}";
const echo = "query Echo($number: Int) {\n  echo(number: $number)\n}";
const introspection = getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true });
const hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
const hashOnly = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } });
/** curl and people who type an address encode less than URLSearchParams, and ways differ. */
const typedEcho = "query%20E($v:String){echo(text:$v)}";

const requests = {
  "Apollo Client 4": post(
    {
      operationName: "PublicAndPrivate",
      variables: {},
      extensions: { clientLibrary: apolloClient.library },
      query: greeting,
    },
    { ...browser, accept: apolloAccept },
  ),
  "Apollo Client 4, a broken document": post(
    {
      operationName: "Broken",
      variables: {},
      extensions: { clientLibrary: apolloClient.library },
      query: invalid,
    },
    { ...browser, accept: apolloAccept },
  ),
  "Apollo Client 4, a variable of the wrong type": post(
    { operationName: "Echo", variables: { number: "secret" }, extensions: {}, query: echo },
    { ...browser, accept: apolloAccept },
  ),
  "Apollo Client 3": post(
    { operationName: "PublicAndPrivate", variables: {}, query: greeting },
    { ...browser, accept: "*/*" },
  ),
  "Apollo Client with useGETForQueries": get(
    { query: greeting, operationName: "PublicAndPrivate", variables: "{}", extensions: "{}" },
    { ...browser, accept: apolloAccept, "content-type": "application/json" },
  ),
  "Apollo Client with persisted queries, by POST": post(
    { operationName: "PublicAndPrivate", variables: {}, extensions: JSON.parse(hashOnly) },
    { ...browser, accept: apolloAccept },
  ),
  "Apollo Client with persisted queries, by GET": get(
    { operationName: "PublicAndPrivate", variables: "{}", extensions: hashOnly },
    { ...browser, accept: apolloAccept, "content-type": "application/json" },
  ),
  "Apollo Client that registers a persisted query": post(
    { query: greeting, extensions: JSON.parse(hashOnly) },
    { ...browser, accept: apolloAccept },
  ),
  "Apollo Client that would take a stream": post(
    { query: greeting, variables: {} },
    {
      ...browser,
      accept: "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9",
    },
  ),
  "Apollo Client that would take a stream of the newer kind": post(
    { query: greeting, variables: {} },
    {
      ...browser,
      accept: "multipart/mixed;incrementalSpec=v0.2,application/graphql-response+json,application/json;q=0.9",
    },
  ),
  "Apollo iOS": post(
    { operationName: "PublicAndPrivate", query: greeting, variables: {} },
    {
      accept: "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json",
      "apollographql-client-name": "com.example.app-apollo-ios",
      "apollographql-client-version": "1.0-1",
      "x-apollo-operation-name": "PublicAndPrivate",
      "x-apollo-operation-type": "query",
      "user-agent": "App/1 CFNetwork/1568 Darwin/24.0.0",
    },
  ),
  "Apollo Kotlin": post(
    { operationName: "PublicAndPrivate", variables: {}, query: greeting.replaceAll(/\s+/g, " ") },
    {
      accept: "multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json",
      "accept-encoding": "gzip",
      "user-agent": "okhttp/4.12.0",
    },
  ),
  "Apollo Kotlin by GET": get(
    { operationName: "Echo", variables: '{"number":4}', query: echo },
    { accept: "application/json", "x-apollo-operation-name": "Echo", "user-agent": "okhttp/4.12.0" },
  ),
  "Flutter's graphql": post(
    { operationName: "Echo", variables: { number: 3 }, query: echo },
    { accept: "*/*", "content-type": "application/json; charset=utf-8", "user-agent": "Dart/3.9 (dart:io)" },
  ),
  "urql by POST": post(
    { operationName: "Echo", query: echo, variables: { number: 3 } },
    { ...browser, accept: urqlAccept },
  ),
  "urql by GET": get(
    { operationName: "Echo", query: echo, variables: '{"number":3}' },
    { ...browser, accept: urqlAccept },
  ),
  "urql by GET, a broken document": get(
    { operationName: "Broken", query: invalid, variables: "{}" },
    { ...browser, accept: urqlAccept },
  ),
  "graphql-request": post(
    { query: echo, variables: { number: 3 }, operationName: "Echo" },
    {
      accept: "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
      "sec-fetch-mode": "cors",
      "user-agent": "node",
    },
  ),
  "graphql-request without variables": post(
    { query: greeting },
    { accept: "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8" },
  ),
  Relay: post({ id: null, query: echo, variables: { number: 3 } }, { ...browser, accept: "*/*" }),
  "GraphiQL introspection": post(
    { query: introspection, operationName: "IntrospectionQuery" },
    { ...browser, accept: "application/json, multipart/mixed" },
  ),
  "introspection by GET": get({ query: introspection }, preflighted),
  "Apollo Sandbox": post(
    { operationName: null, variables: {}, query: echo },
    { accept: "*/*", "apollo-require-preflight": "true" },
  ),
  Postman: post(
    { query: echo, variables: { number: 3 } },
    { accept: "*/*", "postman-token": "1", "cache-control": "no-cache" },
  ),
  "Python's gql": post(
    { query: echo, variables: { number: 3 }, operationName: "Echo" },
    { accept: "*/*", "accept-encoding": "gzip, deflate", connection: "keep-alive" },
  ),
  curl: post({ query: "{ public { message } }" }, { accept: "*/*", "user-agent": "curl/8.14.1" }),
  "curl by GET": get("query={public{message}}", { accept: "*/*", "user-agent": "curl/8.14.1" }),
  "curl by GET, half encoded": get(`query=${typedEcho}&variables=%7B%22v%22:%22a+b%20c%22%7D`, preflighted),
  "curl by GET, a question mark not encoded": get(
    `query=${typedEcho}&variables={"v":"what?"}&operationName=E`,
    preflighted,
  ),
  "curl by GET, questions and equals signs": get('query={a:echo(text:"?a=b?c==d")}', preflighted),
  "a health check": get({ query: "{__typename}" }, preflighted),
  "a load balancer's HEAD": { method: "HEAD", path: "/graphql?query=%7B__typename%7D", headers: preflighted },
};

export const recordedClients: readonly Case[] = [
  ...named(requests, "anonymous"),
  ...named(requests, "token"),
  ...named(requests, "cookie"),
];
