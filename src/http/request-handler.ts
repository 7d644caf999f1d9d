// The request handler: first the checks and headers of every request, then /graphql directly and the rest through Express.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Express, RequestHandler } from "express";
import { type AllowedOrigins, findListable } from "../config/network/origins.ts";
import { limitWaits } from "../database/connecting/patience.ts";
import { brokenRequest, crossSiteRequest } from "../errors.ts";
import type { Cors } from "./cors.ts";
import { isCrossSite } from "./cross-site.ts";
import type { RespondWithError } from "./error-response.ts";
import { pathOf, type RequestLog } from "./request/log.ts";
import { recordOf } from "./request/record.ts";
import type { ResponseSender } from "./response.ts";

export interface RequestHandlerParts {
  readonly logRequest: RequestLog["watch"];
  readonly responses: ResponseSender;
  readonly cors: Cors;
  readonly allowedOrigins: AllowedOrigins;
  /** True if the request carries a token, valid or not. */
  readonly hasToken: (request: IncomingMessage) => boolean;
  /** The paths that take a form of another site, with a POST. What is behind them must read no cookie and change nothing. */
  readonly formPaths: Pick<ReadonlySet<string>, "has">;
  readonly logUnlistedOrigin: (origin: string | undefined) => void;
  readonly handleGraphql: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly respondWithError: RespondWithError;
  /** Pages, files, health checks, and 404. */
  readonly app: Express;
}

/** Express costs as much as the rest of a small query and adds nothing to it. */
export const createRequestHandler =
  ({
    logRequest,
    responses,
    cors,
    allowedOrigins,
    hasToken,
    formPaths,
    logUnlistedOrigin,
    handleGraphql,
    respondWithError,
    app,
  }: RequestHandlerParts): RequestListener =>
  (request, response) => {
    // Sent after a request whose end is ambiguous.
    if (broken.has(request.socket)) return;
    const isBroken = isBrokenRequest(request);
    logRequest(request, response);
    if (isBroken) return respondWithError(brokenRequest(), request, response);
    const takesForm = request.method === "POST" && formPaths.has(request.url ?? "");
    if (!takesForm && isCrossSite(request, allowedOrigins, hasToken)) {
      logUnlistedOrigin(request.headers.origin);
      return respondWithError(crossSiteRequest(findListable(request.headers.origin)), request, response);
    }
    const inTime = <Value>(work: () => Value) => limitWaits(() => response.headersSent, work);
    if (!isForExpress(request)) {
      recordOf(request).work = inTime(() => handleGraphql(request, response)).catch((error: unknown) =>
        respondWithError(error, request, response),
      );
      return;
    }
    responses.prepare(request, response);
    if (request.method !== "OPTIONS") return inTime(() => app(request, response));
    logUnlistedOrigin(request.headers.origin);
    cors.answerPreflight(request, response, () => app(request, response));
  };

const broken = new WeakSet<Socket>();

/** True for what follows one on its connection, too. Shortens the target of a good one to its path. */
export const isBrokenRequest = (request: IncomingMessage): boolean => {
  if (!broken.has(request.socket) && isWellFramed(request) && takeTarget(request)) return false;
  broken.add(request.socket);
  return true;
};

const hostHeader = /^host$/i;

/**
 * RFC 9112, section 3.2: two proxies that choose different hosts for one request can be played off against
 * each other. Section 6.1: so can a proxy that ignores transfer codings, as in HTTP/1.0, or decodes another
 * coding than we do.
 */
const isWellFramed = ({ httpVersion, headers, rawHeaders }: IncomingMessage): boolean => {
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && (httpVersion !== "1.1" || coding.toLowerCase() !== "chunked")) return false;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (hostHeader.test(rawHeaders[index] ?? "")) hosts += 1;
  return hosts === 1 ? httpVersion === "1.1" || httpVersion === "1.0" : httpVersion === "1.0" && hosts === 0;
};

/**
 * RFC 9112, section 3.2.2: an absolute-form target is reduced to its path. False for an invalid one: Express
 * would respond in HTML and print it with its query.
 */
const takeTarget = (request: IncomingMessage): boolean => {
  const { url = "" } = request;
  if (url.startsWith("/") || url === "*") return true;
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { pathname, search } = new URL(url);
  request.url = pathname + search;
  return true;
};

/** A browser's navigation may get the explorer's page: Express decides. */
const isForExpress = ({ method, url = "", headers }: IncomingMessage): boolean =>
  pathOf(url) !== "/graphql" ||
  method === "OPTIONS" ||
  (method === "GET" && headers.accept?.includes("text/html") === true);

/** The explorer for a browser that opens the URL; GraphQL for everything else. */
export const graphqlRoute =
  (explorer: RequestHandler | null, handleGraphql: RequestHandlerParts["handleGraphql"]): RequestHandler =>
  async (request, response, next) => {
    if (request.method === "OPTIONS")
      return void response.setHeader("Allow", "GET, POST, OPTIONS").status(204).end();
    const isPage =
      request.method === "GET" && !("query" in request.query) && request.accepts(["json", "html"]) === "html";
    return explorer && isPage ? explorer(request, response, next) : handleGraphql(request, response);
  };
