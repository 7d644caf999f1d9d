// /graphql: parses the HTTP request, authenticates it, runs it on the fast path, as a stream or with Apollo, and sends the response.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, HeaderMap } from "@apollo/server";
import type { GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import type { TokenHeader } from "../auth/authentication/authorization-header.ts";
import { Context, type ExtendContext } from "../auth/context.ts";
import type { Services } from "../auth/services.ts";
import { maxUserAgentLength } from "../auth/viewer/client.ts";
import { badRequest, methodNotAllowed, unknownBearer } from "../errors.ts";
import { errorBody, noteFailure } from "../http/error-response.ts";
import { readJsonBody } from "../http/request/body.ts";
import { searchOf } from "../http/request/log.ts";
import { noteRefusal, recordOf } from "../http/request/record.ts";
import type { CompleteResponse, ResponseSender } from "../http/response.ts";
import type { StreamEnding } from "../live/open-streams.ts";
import type { Meter } from "../meter.ts";
import type { PromiseOrValue } from "../promise-or-value.ts";
import type { DocumentCache } from "./document-cache.ts";
import { findRefusal } from "./document-gate.ts";
import type { DocumentLimits } from "./document-limits.ts";
import { type ExecuteDirectly, findKnownOperation, type KnownOperation } from "./fast-path.ts";
import { inOperationSpan } from "./operation-span.ts";
import { type SlowOperation, withSlowLog } from "./slow-operations.ts";
import { isOtherOperation, mayBeSubscription } from "./subscriptions/find.ts";
import { findFormat } from "./subscriptions/formats.ts";
import { refusalSender } from "./subscriptions/refusal-events.ts";
import { jsonOf } from "./subscriptions/refusals.ts";
import { openResponseDoor } from "./subscriptions/response-door.ts";
import type { ServeSubscription, StreamDoor } from "./subscriptions/serve.ts";
import type { VariableMeasure } from "./variable-size.ts";

export interface GraphqlEndpoint {
  readonly apollo: ApolloServer<Context>;
  readonly cache: DocumentCache;
  readonly limits: DocumentLimits;
  readonly findVariableExcess: VariableMeasure;
  /** Null: Apollo executes every operation. */
  readonly executeDirectly: ExecuteDirectly | null;
  readonly findSubscription: (request: IncomingMessage, body: unknown) => KnownOperation | null;
  readonly serveSubscription: ServeSubscription;
  readonly responses: ResponseSender;
  readonly logger: Logger;
  readonly openContext: OpenContext;
  /** Null: metrics are off. */
  readonly meter: Meter | null;
  readonly slowOperation: SlowOperation;
}

export type OpenContext = (request: IncomingMessage, response: ServerResponse) => Promise<Context>;

/** Both reject with a TableError when the whole request is refused. */
export interface Endpoint {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** For a subscription that came in a message. Resolves as `ServeSubscription` does. */
  follow(
    request: IncomingMessage,
    response: ServerResponse,
    body: SubscribeBody,
    door: StreamDoor,
  ): Promise<StreamEnding | null>;
}

export interface SubscribeBody {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

export const createGraphqlEndpoint = (endpoint: GraphqlEndpoint): Endpoint => {
  const answer = withSlowLog(endpoint.slowOperation, inOperationSpan(answerOperation));
  const { responses } = endpoint;
  const respond = async (
    request: IncomingMessage,
    response: ServerResponse,
    { method, body, send }: Respond,
  ): Promise<void> => {
    const began = endpoint.meter === null ? null : performance.now();
    const answered = await answer(request, response, { endpoint, method, body });
    // A stream may last an hour: it is neither a slow operation nor a long span.
    if ("subscription" in answered) {
      const door = openResponseDoor(responses, request, response);
      return void (await endpoint.serveSubscription(answered.subscription, answered.context, door));
    }
    if (began !== null) recordOf(request).executed = performance.now() - began;
    send(request, response, answered);
  };
  const handle: Endpoint["handle"] = async (request, response) => {
    const { method } = request;
    if (method !== "GET" && method !== "POST") throw methodNotAllowed("GET, POST, OPTIONS");
    const body = method === "POST" ? await readJsonBody(request) : undefined;
    if (!mayBeSubscription(sourceOf(request, body)))
      return respond(request, response, { method, body, send: responses.send });
    // Apollo Client too tells the reason only if it is of the type that it prefers, or an event.
    const send = refusalSender(responses, request);
    try {
      await respond(request, response, { method, body, send });
    } catch (error) {
      if (response.headersSent) throw error;
      const known = noteFailure(endpoint.logger, error, recordOf(request));
      const headers = new HeaderMap([...known.headers]);
      const refusal = { errors: errorBody(known).errors, status: known.status ?? 200, headers };
      send(request, response, jsonOf(request, refusal));
    }
  };
  return {
    handle,
    async follow(request, response, body, door) {
      const { cache, limits } = endpoint;
      // Mutations have one door, and its rules.
      if (isOtherOperation({ documents: cache.documents, limits }, body)) throw badRequest(subscriptionsOnly);
      const answered = await answer(request, response, { endpoint, method: "POST", body });
      if ("subscription" in answered)
        return endpoint.serveSubscription(answered.subscription, answered.context, door);
      const { errors = [] }: { errors?: GraphQLFormattedError[] } = JSON.parse(answered.body);
      if (errors.length === 0) throw badRequest(subscriptionsOnly);
      door.refuse({ errors, status: answered.status, headers: new HeaderMap() });
      return null;
    },
  };
};

const subscriptionsOnly = "A WebSocket takes subscriptions only. Send queries and mutations as requests.";

interface Respond {
  readonly method: string;
  readonly body: unknown;
  readonly send: ResponseSender["send"];
}

interface Operation {
  readonly endpoint: GraphqlEndpoint;
  readonly method: string;
  readonly body: unknown;
}

/** To be served when the answer is over. */
interface Subscribed {
  readonly subscription: KnownOperation;
  readonly context: Context;
}

const answerOperation = async (
  request: IncomingMessage,
  response: ServerResponse,
  { endpoint, method, body }: Operation,
): Promise<CompleteResponse | Subscribed> => {
  const context = await endpoint.openContext(request, response);
  const direct = await findDirectAnswer(endpoint, request, context, body);
  if (direct !== null) return direct;
  const subscription = endpoint.findSubscription(request, body);
  if (subscription !== null) return { subscription, context };
  return askApollo(endpoint, request, context, { method, body });
};

const findDirectAnswer = (
  { cache, executeDirectly, findVariableExcess }: GraphqlEndpoint,
  { headers }: IncomingMessage,
  context: Context,
  body: unknown,
): PromiseOrValue<CompleteResponse | null> => {
  if (executeDirectly === null) return null;
  const contentType = cache.contentTypes.find(headers.accept);
  const operation =
    contentType === undefined ? null : findKnownOperation(cache.documents, findVariableExcess, body);
  return contentType && operation ? executeDirectly(operation, context, contentType) : null;
};

const askApollo = async (
  { apollo, cache, limits }: GraphqlEndpoint,
  request: IncomingMessage,
  context: Context,
  { method, body }: { readonly method: string; readonly body: unknown },
): Promise<CompleteResponse> => {
  const search = searchOf(request.url ?? "");
  const source = sourceOf(request, body);
  // A known document has been measured: that cost is paid once.
  const isNew = typeof source === "string" && !cache.documents.find(source);
  const refusal = isNew ? findRefusal(source, limits) : null;
  if (refusal) noteRefusal(recordOf(request), refusal.code, refusal.why);
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers: headersForApollo(request, source), search, body },
    // Apollo calls this before it parses. Errors thrown here get the content type that the client asked for.
    context: async () => {
      if (refusal) throw refusal;
      return context;
    },
  });
  if (answer.body.kind !== "complete")
    throw new Error("Apollo answered in parts, which no client was offered.");
  const { status = 200, headers } = answer;
  const contentType = headers.get("content-type");
  // The content type of an error response does not show what the client accepts.
  if (status === 200 && contentType !== undefined)
    cache.contentTypes.keep(request.headers.accept, contentType);
  // Apollo makes some refusals cacheable. None of our responses may be cached.
  headers.delete("cache-control");
  return { status, headers: [...headers].flat(), body: answer.body.string };
};

/** Reads the source as Apollo does. What Apollo refuses to read, it never parses. */
const sourceOf = ({ method, url = "" }: IncomingMessage, body: unknown): unknown => {
  if (method === "GET") return new URLSearchParams(searchOf(url)).get("query");
  return typeof body === "object" && body !== null && "query" in body ? body.query : undefined;
};

/**
 * A token is checked before anything runs: it must not be accepted on public fields and
 * refused on private ones.
 */
export const createContextOpener =
  ({
    services,
    tokenHeader,
    extendContext,
  }: {
    readonly services: Services;
    readonly tokenHeader: TokenHeader;
    readonly extendContext: ExtendContext | null;
  }): OpenContext =>
  async (request, response) => {
    const record = recordOf(request);
    const client = {
      ipAddress: record.address || null,
      userAgent: request.headers["user-agent"]?.slice(0, maxUserAgentLength) ?? null,
      requestId: record.id,
    };
    const token = tokenHeader.readToken(request);
    const tokenViewer = token === null ? null : await services.viewers.find("token", token);
    if (token !== null && tokenViewer === null) {
      await services.limits.spendUnknownToken(client);
      throw unknownBearer(services.viewers.nameOf("token", token));
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
      onLogin: (userId) => {
        record.loginUserId = userId;
      },
      extend: extendContext,
    });
  };

/**
 * Only the headers that Apollo reads. Apollo's CSRF prevention requires a header that urql's GET queries
 * lack; http/cross-site.ts has applied stricter rules already.
 */
const headersForApollo = ({ method, headers }: IncomingMessage, source: unknown): HeaderMap => {
  const map = new HeaderMap([["apollo-require-preflight", "decided by cross-site.ts"]]);
  if (headers["content-type"] !== undefined) map.set("content-type", headers["content-type"]);
  // A client that accepts streams only gets a refused subscription in JSON too, or as an event that is made of it.
  // So does a mutation by GET: otherwise Apollo would complain of the Accept, and not of the method.
  const isRefused = mayBeSubscription(source) || (method === "GET" && mayBeMutation(source));
  const others = isRefused && findFormat(headers.accept) ? refusalsInJson : "";
  if (headers.accept !== undefined) map.set("accept", headers.accept + others);
  return map;
};

const mayBeMutation = (source: unknown): boolean => typeof source === "string" && source.includes("mutation");

const refusalsInJson = ", application/json;q=0.001";
