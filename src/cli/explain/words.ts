// What each refusal means in words, where to read on, and what to do: closed tables, so that no code is without words.
import type { ErrorCode, RefusalReason } from "../../errors.ts";

export interface Words {
  readonly why: string;
  readonly read: string;
  readonly todo: string;
}

export const wordsOfCodes: Readonly<Record<ErrorCode, Words>> = {
  UNAUTHENTICATED: {
    why: "the field is private, and the request had no credential that is valid",
    read: "docs/clients.md#sessions",
    todo: "log in again",
  },
  INVALID_CREDENTIALS: {
    why: "the password, code or other proof was wrong, or no user has that name",
    read: "docs/operating.md#the-audit-trail",
    todo: "try again; `loginUserId` names the user, if one has that name",
  },
  FORBIDDEN: {
    why: "the user has no role or permission that the field asks for",
    read: "docs/operating.md#roles",
    todo: "give the user a role that has the permission, if that is right",
  },
  NOT_FOUND: {
    why: "it does not exist, or it is not for this user: the response does not say which",
    read: "docs/reference/errors.md",
    todo: "check the id or the path that was asked for",
  },
  SECOND_FACTOR_REQUIRED: {
    why: "SECOND_FACTOR asks this user for a second factor, and there is none",
    read: "docs/operating.md#require-a-second-factor",
    todo: "the user adds one at /account/second-factor",
  },
  REAUTHENTICATION_REQUIRED: {
    why: "the last proof of who the user is was too long ago for this act, or was too weak",
    read: "docs/clients.md#a-recent-login",
    todo: "the client calls reauthenticate and tries again",
  },
  BAD_USER_INPUT: {
    why: "a variable or an argument breaks a rule",
    read: "docs/reference/errors.md",
    todo: "the client shows the message of each field",
  },
  INVALID_TOKEN: {
    why: "the link or the begun login was used before, has expired, or was never issued",
    read: "docs/operating.md#mail",
    todo: "ask for a new link, or begin the login again",
  },
  RATE_LIMITED: {
    why: "a rate limit is spent",
    read: "docs/rate-limits.md",
    todo: "wait",
  },
  SERVICE_UNAVAILABLE: {
    why: "what the request needed was not available",
    read: "docs/operating.md#if-you-see-this-line",
    todo: "look for `requests answered with 503` in the log of that second",
  },
  CROSS_SITE_REQUEST: {
    why: "the request came from a page of another site",
    read: "docs/reference/settings.md#allowed_origins",
    todo: "add the page's origin to ALLOWED_ORIGINS, if it is yours",
  },
  BAD_REQUEST: {
    why: "the request is not well-formed HTTP or JSON, is a batch, or names no operation",
    read: "docs/reference/errors.md",
    todo: "correct the client, or the proxy that changes its requests",
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    why: "the client sent the hash of a document, and this server keeps none",
    read: "docs/reference/errors.md",
    todo: "nothing: the client sends the document next",
  },
  METHOD_NOT_ALLOWED: {
    why: "this path does not take this method",
    read: "docs/reference/errors.md",
    todo: "use POST",
  },
  PAYLOAD_TOO_LARGE: {
    why: "the body has more than 100 KiB",
    read: "docs/reference/errors.md",
    todo: "send less at once",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    why: "the content type is not application/json in UTF-8",
    read: "docs/reference/errors.md",
    todo: "the client sends Content-Type: application/json",
  },
  GRAPHQL_PARSE_FAILED: {
    why: "the document is not GraphQL",
    read: "docs/reference/errors.md",
    todo: "correct the document",
  },
  GRAPHQL_VALIDATION_FAILED: {
    why: "the document does not fit the schema",
    read: "docs/reference/errors.md",
    todo: "generate the client's documents again, from the schema of this version",
  },
  INTERNAL_SERVER_ERROR: {
    why: "the server has a mistake",
    read: "docs/operating.md#logs",
    todo: "read the line `field failed` or `request failed` below",
  },
};

/** More closely, where the log knows it. */
export const wordsOfReasons: Readonly<Record<RefusalReason, Words>> = {
  no_credential: {
    why: "the field is private, and the request had neither a token nor a session cookie",
    read: "docs/clients.md#choose-a-mode",
    todo: "log in; if the user was logged in, the client did not send the token or the cookie",
  },
  cookie_not_valid: {
    why: "the request had a session cookie, but it opens nothing",
    read: "docs/clients.md#sessions",
    todo: "log in again",
  },
  token_not_valid: {
    why: "the token is well formed, but it opens nothing",
    read: "docs/clients.md#sessions",
    todo: "log in again, or create a new access token",
  },
  token_malformed: {
    why: "the header has no token that this server could have issued: it was cut, changed, or is of another service",
    read: "docs/clients.md#sessions",
    todo: "correct the client",
  },
  token_placeholder: {
    why: "the client sent a word such as null or undefined instead of a token",
    read: "docs/clients.md#apollo-client-with-a-token",
    todo: "the client leaves the header out while it has no token",
  },
  token_in_other_header: {
    why: "the token was in the header Authorization, and this server reads it from another one",
    read: "docs/reference/settings.md#token_header",
    todo: "the client uses the header of TOKEN_HEADER",
  },
  ended_meanwhile: {
    why: "the session or the user ended while the request ran",
    read: "docs/reference/endings.md",
    todo: "log in again",
  },
  no_permission: {
    why: "the user has no role or permission that the field asks for, or may not do this to that user",
    read: "docs/operating.md#roles",
    todo: "give the user a role that has the permission, if that is right",
  },
  beyond_token: {
    why: "the access token has no scope for this field, or an impersonator may not use it",
    read: "docs/clients.md#a-script",
    todo: "create an access token with the scope, or use the user's own session",
  },
  email_not_verified: {
    why: "REQUIRE_VERIFIED_EMAIL is on, and the user's email is not verified",
    read: "docs/operating.md#require-a-verified-email",
    todo: "the user follows the link in the mail, or asks for another one",
  },
  switched_off: {
    why: "a setting has switched this off",
    read: "docs/reference/settings.md",
    todo: "the client asks `loginMethods` what this service offers",
  },
  origin_not_allowed: {
    why: "cross-site request: its origin is not in ALLOWED_ORIGINS",
    read: "docs/reference/settings.md#allowed_origins",
    todo: "add the origin to ALLOWED_ORIGINS, if the page is yours",
  },
  site_without_origin: {
    why: "cross-site request: a browser sent it from another site, without an origin that could be listed",
    read: "docs/reference/settings.md#allowed_origins",
    todo: "send it with fetch from a page whose origin is in ALLOWED_ORIGINS",
  },
  limit_spent: {
    why: "rate limit spent",
    read: "docs/reference/rate-limits.md",
    todo: "wait, or raise the limit with RATE_LIMITS; for one user: graphward user unlock",
  },
  one_at_a_time: {
    why: "one request may have one expensive field",
    read: "docs/rate-limits.md",
    todo: "the client sends them in separate requests",
  },
  document_limit: {
    why: "the document or its variables exceed a limit",
    read: "docs/reference/document-limits.md",
    todo: "send less at once, or raise the limit with DOCUMENT_LIMITS",
  },
  broken_rules: {
    why: "the input breaks rules",
    read: "docs/reference/errors.md",
    todo: "the client shows the message of each field",
  },
  out_of_service: {
    why: "not available at that moment",
    read: "docs/operating.md#if-you-see-this-line",
    todo: "look for `requests answered with 503` in the log of that second",
  },
};
