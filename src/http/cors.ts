// CORS: which other origins' scripts may read our answers.
import type { IncomingMessage, ServerResponse } from "node:http";
import cors from "cors";
import { minutes, toSeconds } from "../time.ts";

/** Calls `next` unless it was a preflight of a listed origin, which it has answered. */
export const createCors = (allowedOrigins: ReadonlySet<string>) => {
  const answer = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && allowedOrigins.has(origin)),
    credentials: true,
    methods: ["GET", "POST"],
    exposedHeaders: ["Retry-After", "WWW-Authenticate", "X-Request-Id"],
    maxAge: toSeconds(minutes(10)),
  });
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    // Also when nothing is allowed: a cache must not serve one origin's answer to another.
    response.setHeader("Vary", "Origin");
    if (request.headers.origin === undefined) next();
    else answer({ method: request.method ?? "", headers: request.headers }, response, next);
  };
};
