// A subscription that is refused before its stream opens, as a query would be: over HTTP, JSON with a status that says so.
import type { IncomingMessage } from "node:http";
import type { HeaderMap } from "@apollo/server";
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../../auth/context.ts";
import { isErrorCode, statusOf, TableError } from "../../errors.ts";
import type { CompleteResponse } from "../../http/response.ts";
import type { StreamBound } from "../../live/open-streams.ts";
import { toSeconds } from "../../time.ts";
import { maskError } from "../error-mask.ts";
import { concludeErrors, formatFieldErrors } from "../operation-errors.ts";

/** Beside those of the error table. A client that gets 200 would take the response for an open stream. */
const statuses: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  INVALID_CREDENTIALS: 401,
  FORBIDDEN: 403,
  SECOND_FACTOR_REQUIRED: 403,
  REAUTHENTICATION_REQUIRED: 403,
  NOT_FOUND: 404,
};

/** What the client is told, and with which status. */
export interface StreamRefusal {
  readonly errors: readonly GraphQLFormattedError[];
  readonly status: number;
  readonly headers: HeaderMap;
}

export const refuseStream = (
  logger: Logger,
  context: Context,
  errors: readonly GraphQLError[],
): StreamRefusal => {
  const { formatted, http } = formatFieldErrors(errors);
  const shown = errors.map((error, index) =>
    error.path === undefined && !(error instanceof TableError)
      ? // Nothing has run: a variable does not fit.
        maskError({ ...error.toJSON(), extensions: { code: "BAD_USER_INPUT" } }, error)
      : (formatted[index] ?? error.toJSON()),
  );
  const concluded = concludeErrors(logger, context, { formatted: shown, raw: errors }, http);
  const code = concluded[0]?.extensions?.code;
  const status =
    http.status ?? statuses[String(code)] ?? (isErrorCode(code) ? statusOf(code) : undefined) ?? 400;
  if (status === 401) http.headers.set("www-authenticate", "Bearer");
  return { errors: concluded, status, headers: http.headers };
};

export const jsonOf = (
  { headers: { accept = "" } }: IncomingMessage,
  { errors, status, headers }: StreamRefusal,
): CompleteResponse => {
  const type = accept.includes("application/graphql-response+json")
    ? "application/graphql-response+json"
    : "application/json";
  return {
    status,
    headers: [...[...headers].flat(), "content-type", `${type}; charset=utf-8`],
    body: `${JSON.stringify({ errors })}\n`,
  };
};

export const notAcceptable = () =>
  new TableError("BAD_REQUEST", {
    status: 406,
    text: "A subscription is a stream. Send Accept: text/event-stream, or multipart/mixed; subscriptionSpec=1.0.",
  });

/** So many at once, and not so many in a time: no wait helps a client that closes none. */
export const tooManyStreams = (bound: Exclude<StreamBound, "server">) =>
  new TableError("RATE_LIMITED", {
    text: `Too many streams of one ${bound === "user" ? "user" : "login"} are open. Please close some.`,
    headers: { "retry-after": "1" },
    extensions: { retryAfter: 1 },
  });

/** The stream has ended, or cannot be opened now. Here or on another server, it can be opened again. */
export const retryStream = (wait: number, reason: string) => {
  const retryAfter = toSeconds(wait);
  return new TableError("SERVICE_UNAVAILABLE", {
    text: "The stream is not available. Please open it again.",
    headers: { "retry-after": String(retryAfter) },
    extensions: { retryAfter },
    missing: { pool: "streams", reason },
  });
};
