// CORS: which other origins' scripts may read our answers.
import cors from "cors";
import type { RequestHandler } from "express";
import { minutes, toSeconds } from "../time.ts";

export const corsFor = (allowedOrigins: ReadonlySet<string>): RequestHandler => {
  const answer = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && allowedOrigins.has(origin)),
    credentials: true,
    methods: ["GET", "POST"],
    exposedHeaders: ["Retry-After", "WWW-Authenticate", "X-Request-Id"],
    maxAge: toSeconds(minutes(10)),
  });
  return function setCorsHeaders(request, response, next) {
    // Also when nothing is allowed: a cache must not serve one origin's answer to another.
    response.vary("Origin");
    answer(request, response, next);
  };
};
