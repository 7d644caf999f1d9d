// CORS: which other origins' scripts may read our responses.
import type { IncomingMessage, ServerResponse } from "node:http";
import cors from "cors";
import { type AllowedOrigins, hasWildcard, isAllowedOrigin } from "../config/network/origins.ts";
import { minutes, toSeconds } from "../time.ts";
import type { HeaderList } from "./response.ts";

export interface Cors {
  headersFor(origin: string | undefined): HeaderList;
  /** Responds to a preflight of a listed origin; calls `next` for every other request. */
  answerPreflight(request: IncomingMessage, response: ServerResponse, next: () => void): void;
}

export const createCors = (allowedOrigins: AllowedOrigins): Cors => {
  const answer = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && isAllowedOrigin(allowedOrigins, origin)),
    credentials: true,
    methods: ["GET", "POST"],
    exposedHeaders: ["Retry-After", "WWW-Authenticate", "X-Request-Id"],
    maxAge: toSeconds(minutes(10)),
  });
  const headersOf = (origin: string): HeaderList => {
    const headers: string[] = [];
    const recorder = {
      // Vary is set on every response.
      getHeader: () => "Origin",
      setHeader: (name: string, value: string) => name !== "Vary" && headers.push(name, value),
    };
    answer({ method: "POST", headers: { origin } }, recorder as unknown as ServerResponse, () => undefined);
    return headers;
  };
  // The origins are few, and the headers of each are constant: compute them once. Those of a wildcard are many.
  const known = new Map([...allowedOrigins].map((origin) => [origin, headersOf(origin)]));
  const patterns = new Set([...allowedOrigins].filter(hasWildcard));
  const unlisted = (origin: string) =>
    patterns.size > 0 && isAllowedOrigin(patterns, origin) ? headersOf(origin) : none;
  return {
    headersFor: (origin) => (origin === undefined ? none : (known.get(origin) ?? unlisted(origin))),
    answerPreflight: (request, response, next) =>
      answer({ method: request.method ?? "", headers: request.headers }, response, next),
  };
};

const none: HeaderList = [];
