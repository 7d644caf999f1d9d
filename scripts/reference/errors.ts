// docs/reference/errors.md: the error codes, from the table of errors, each with what a client should do.
import { type ErrorCode, errorTable, statusOf } from "../../src/errors.ts";
import { page, table } from "./page.ts";

/** For codes whose status depends on what was refused. */
const statuses: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: "200 in a field, 401 for an invalid token and for a stream",
  INVALID_CREDENTIALS: "200, 401 for a stream",
  FORBIDDEN: "200 in a field, 403 for a stream",
  SECOND_FACTOR_REQUIRED: "200 in a field, 403 for a stream",
  REAUTHENTICATION_REQUIRED: "200 in a field, 403 for a stream",
  NOT_FOUND: "200 in a field, 404 for a URL and for a stream",
  BAD_REQUEST: "400, 406 for a subscription whose client accepts no stream",
  PERSISTED_QUERY_NOT_SUPPORTED: "200, as Apollo Server does",
  BAD_USER_INPUT: "200 in a field, 400 for a variable",
  INTERNAL_SERVER_ERROR: "200 in a field, else 500",
};

const remedies: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: "Delete the token, clear the cache, show the login.",
  INVALID_CREDENTIALS:
    "Say that the username or the password is wrong. The server does not say which. For a second step, a code from a mail, `confirmTotp` and `reauthenticate`: say that the proof is wrong, or that its code was used before.",
  FORBIDDEN: "Say that this user, or this access token, may not do it. A retry does not help.",
  NOT_FOUND: "It does not exist, or it belongs to another user.",
  SECOND_FACTOR_REQUIRED:
    "Lead the user to `startTotp` or `startPasskey`: [`SECOND_FACTOR`](settings.md#second_factor) asks for one.",
  REAUTHENTICATION_REQUIRED:
    "Ask for one of `extensions.methods`, call `reauthenticate` with it, and try again; or log in again, with one of `extensions.providers` too.",
  BAD_USER_INPUT: "Show each `message` of `extensions.fields` beside its `field`.",
  INVALID_TOKEN:
    "Say that the link is used or expired, and offer a new one. For `completeLogin`: begin the login again.",
  RATE_LIMITED: "Wait `extensions.retryAfter` seconds. See [rate limits](rate-limits.md).",
  SERVICE_UNAVAILABLE: "Wait as many seconds as the `Retry-After` header says, and try again.",
  CROSS_SITE_REQUEST: "Add the page's origin to [`ALLOWED_ORIGINS`](settings.md#allowed_origins).",
  BAD_REQUEST:
    "Correct the client: the request is not JSON, is a batch, or names no operation; or a subscription lacks `Accept: text/event-stream`.",
  PERSISTED_QUERY_NOT_SUPPORTED: "Send the document instead of its hash. Clients do so by themselves.",
  METHOD_NOT_ALLOWED: "Use POST. GET is for queries and subscriptions.",
  PAYLOAD_TOO_LARGE: "Send less: a body has at most 100 KiB.",
  UNSUPPORTED_MEDIA_TYPE: "Send `Content-Type: application/json`.",
  GRAPHQL_PARSE_FAILED: "Correct the document.",
  GRAPHQL_VALIDATION_FAILED:
    "Correct the document, or generate it again. It may be [too large](document-limits.md).",
  INTERNAL_SERVER_ERROR:
    "Say that something went wrong, and show `extensions.requestId`: the log has it too.",
};

export function errorsPage(): string {
  const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => [
    `\`${code}\``,
    statuses[code] ?? String(statusOf(code) ?? 200),
    errorTable[code].text,
    remedies[code],
  ]);
  return page("Errors", "`src/errors.ts`", [
    "Decide by `extensions.code`: the text is for people and may change. A refusal is JSON with an `errors` list, also when the whole request is refused. Each response has the header `X-Request-Id`.",
    table(["code", "HTTP status", "text", "what a client does"], rows),
    "A stream is a subscription over HTTP that does not open. The status is for clients that accept JSON too: one that accepts events alone gets 200 and the errors as [its only event](../clients.md#subscriptions).",
    "A page whose origin is not allowed cannot read the refusal: its browser shows a CORS message.",
  ]);
}
