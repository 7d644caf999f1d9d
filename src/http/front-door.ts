// Every request comes in here: what holds for all is done first, then GraphQL is answered directly and the rest by Express.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Express, RequestHandler } from "express";
import { crossSiteRequest } from "../errors.ts";
import { isCrossSite } from "./cross-site.ts";
import type { AnswerError } from "./error-response.ts";
import { pathOf } from "./request-log.ts";

type Step = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontDoor {
  readonly logRequest: Step;
  readonly setSecurityHeaders: (response: ServerResponse) => void;
  readonly answerCors: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly answerGraphql: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly answerError: AnswerError;
  /** Pages, files, health, and all that is not there. */
  readonly app: Express;
}

/** Express costs as much as the rest of a small query, and gives it nothing. */
export const createFrontDoor =
  ({
    logRequest,
    setSecurityHeaders,
    answerCors,
    allowedOrigins,
    answerGraphql,
    answerError,
    app,
  }: FrontDoor): RequestListener =>
  (request, response) => {
    logRequest(request, response);
    setSecurityHeaders(response);
    answerCors(request, response, () => {
      if (isCrossSite(request, allowedOrigins)) answerError(crossSiteRequest(), request, response);
      else if (isForExpress(request)) app(request, response);
      else answerGraphql(request, response).catch((error: unknown) => answerError(error, request, response));
    });
  };

/** A browser's visit may be answered with the explorer's page: Express decides. */
const isForExpress = ({ method, url = "", headers }: IncomingMessage): boolean =>
  pathOf(url) !== "/graphql" ||
  method === "OPTIONS" ||
  (method === "GET" && headers.accept?.includes("text/html") === true);

/** The explorer for a browser that opens the address; everything else is GraphQL. */
export const graphqlRoute =
  (explorer: RequestHandler | null, answerGraphql: FrontDoor["answerGraphql"]): RequestHandler =>
  async (request, response, next) => {
    if (request.method === "OPTIONS")
      return void response.setHeader("Allow", "GET, POST, OPTIONS").status(204).end();
    const isPage =
      request.method === "GET" && !("query" in request.query) && request.accepts(["json", "html"]) === "html";
    return explorer && isPage ? explorer(request, response, next) : answerGraphql(request, response);
  };
