// /graphql: from an HTTP request to Apollo and back, with the viewer's credentials in between.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, HeaderMap } from "@apollo/server";
import { readToken } from "../auth/authentication/authorization-header.ts";
import { Context } from "../auth/context.ts";
import type { Services } from "../auth/services.ts";
import { maxUserAgentLength } from "../auth/viewer/client.ts";
import { invalidBearer, methodNotAllowed } from "../errors.ts";
import { readJsonBody } from "../http/request-body.ts";
import { searchOf } from "../http/request-log.ts";
import { recordOf } from "../http/request-record.ts";
import type { CompleteResponse, ResponseSender } from "../http/response.ts";
import type { PromiseOrValue } from "../promise-or-value.ts";
import type { DocumentCache } from "./document-cache.ts";
import { findRefusal } from "./document-gate.ts";
import { type ExecuteDirectly, findKnownOperation } from "./fast-path.ts";

export interface GraphqlEndpoint {
  readonly apollo: ApolloServer<Context>;
  readonly cache: DocumentCache;
  /** Null: Apollo executes every operation. */
  readonly executeDirectly: ExecuteDirectly | null;
  readonly responses: ResponseSender;
  readonly services: Services;
}

/** Rejects with an error of the table for a refusal of the whole request. */
export const createGraphqlEndpoint =
  (endpoint: GraphqlEndpoint) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method } = request;
    if (method !== "GET" && method !== "POST") throw methodNotAllowed("GET, POST, OPTIONS");
    const body = method === "POST" ? await readJsonBody(request) : undefined;
    const context = await openContext(endpoint, request, response);
    const answer =
      (await findDirectAnswer(endpoint, request, context, body)) ??
      (await askApollo(endpoint, request, context, { method, body }));
    endpoint.responses.send(request, response, answer);
  };

const findDirectAnswer = (
  { cache, executeDirectly }: GraphqlEndpoint,
  { headers }: IncomingMessage,
  context: Context,
  body: unknown,
): PromiseOrValue<CompleteResponse | null> => {
  if (executeDirectly === null) return null;
  const contentType = cache.contentTypes.find(headers.accept);
  const operation = contentType === undefined ? null : findKnownOperation(cache.documents, body);
  return contentType && operation ? executeDirectly(operation, context, contentType) : null;
};

const askApollo = async (
  { apollo, cache }: GraphqlEndpoint,
  request: IncomingMessage,
  context: Context,
  { method, body }: { readonly method: string; readonly body: unknown },
): Promise<CompleteResponse> => {
  const search = searchOf(request.url ?? "");
  const source = method === "POST" ? sourceIn(body) : new URLSearchParams(search).get("query");
  // What is known has been measured: a document costs that once.
  const isNew = typeof source === "string" && !cache.documents.find(source);
  const refusal = isNew ? findRefusal(source) : null;
  if (refusal) recordOf(request).outcomes.add(refusal.code);
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers: headersForApollo(request), search, body },
    // Apollo comes here before it parses, and answers what is thrown in the media type that the client asked for.
    context: async () => {
      if (refusal) throw refusal;
      return context;
    },
  });
  if (answer.body.kind !== "complete")
    throw new Error("Apollo answered in parts, which no client was offered.");
  const { status = 200, headers } = answer;
  const contentType = headers.get("content-type");
  // Of a refusal, the type says nothing about what the client accepts.
  if (status === 200 && contentType !== undefined)
    cache.contentTypes.keep(request.headers.accept, contentType);
  // Apollo says of some refusals how to keep them. Of ours nothing is kept.
  headers.delete("cache-control");
  return { status, headers: [...headers].flat(), body: answer.body.string };
};

/** Read as Apollo reads it; what it refuses to read, it never parses. */
const sourceIn = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "query" in body ? body.query : undefined;

/** A header that names a credential is judged before anything runs: it may not be good on private fields only. */
const openContext = async (
  { services }: GraphqlEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Context> => {
  const record = recordOf(request);
  const client = {
    ipAddress: record.address || null,
    userAgent: request.headers["user-agent"]?.slice(0, maxUserAgentLength) ?? null,
  };
  const token = readToken(request);
  const tokenViewer = token === null ? null : await services.viewers.find("token", token);
  if (token !== null && tokenViewer === null) {
    await services.limits.spendUnknownToken(client);
    throw invalidBearer();
  }

  return new Context({
    services,
    requestId: record.id,
    exchange: { request, response },
    client,
    token,
    tokenViewer,
    onViewer: (viewer) => {
      record.userId = viewer.userId;
      record.actorId = viewer.impersonatorId ?? undefined;
    },
  });
};

/**
 * Only what Apollo reads. Its own CSRF prevention asks for a header that stock urql's GET queries do not have; the
 * cross-site rules have decided by now, and stricter.
 */
const headersForApollo = ({ headers }: IncomingMessage): HeaderMap => {
  const map = new HeaderMap([["apollo-require-preflight", "decided by cross-site.ts"]]);
  if (headers["content-type"] !== undefined) map.set("content-type", headers["content-type"]);
  if (headers.accept !== undefined) map.set("accept", headers.accept);
  return map;
};
