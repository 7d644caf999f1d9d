// The closed table of errors: an error that is not made here reaches clients masked. Imports only
// GraphQLError: every rule imports this file, and commands use rules without GraphQL.
import { GraphQLError } from "graphql/error/index.js";
import { seconds, toSeconds } from "./time.ts";

interface Row {
  /** The status of the whole response. A row without one is a field error, and the response stays 200. */
  readonly status?: number;
  readonly text: string;
}

export const errorTable = {
  UNAUTHENTICATED: { text: "Authentication credentials were not provided." },
  INVALID_CREDENTIALS: { text: "Unable to log in with provided credentials." },
  FORBIDDEN: { text: "You do not have permission to perform this action." },
  NOT_FOUND: { text: "Not found." },
  SECOND_FACTOR_REQUIRED: { text: "Please add a second factor to your account first." },
  REAUTHENTICATION_REQUIRED: { text: "Please log in again to do this." },
  BAD_USER_INPUT: { text: "The input is not valid." },
  INVALID_TOKEN: { text: "This link is no longer valid." },
  RATE_LIMITED: { status: 429, text: "Too many attempts. Please wait." },
  SERVICE_UNAVAILABLE: { status: 503, text: "The service is not available. Please try again shortly." },
  CROSS_SITE_REQUEST: { status: 403, text: "Requests from another site are refused." },
  BAD_REQUEST: { status: 400, text: "The request is not well formed." },
  // The text is Apollo's own: some clients compare it. So is the status, which clients expect of a refusal that they handle.
  PERSISTED_QUERY_NOT_SUPPORTED: { text: "PersistedQueryNotSupported" },
  METHOD_NOT_ALLOWED: { status: 405, text: "This method is not allowed." },
  PAYLOAD_TOO_LARGE: { status: 413, text: "The request is too large." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, text: "The content type must be application/json in UTF-8." },
  GRAPHQL_PARSE_FAILED: { status: 400, text: "The document could not be parsed." },
  GRAPHQL_VALIDATION_FAILED: { status: 400, text: "The document is not valid." },
  INTERNAL_SERVER_ERROR: { status: 500, text: "Something went wrong. It has been logged." },
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof errorTable;

/** The status when the whole request is refused. */
export const statusOf = (code: ErrorCode): number | undefined => (errorTable[code] as Row).status;

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(errorTable, code);

/** One broken rule, with the field it belongs to, so that a form can show it there. */
export interface BrokenRule {
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

export const brokenRule = (field: string, rule: string, message: string): BrokenRule => ({
  field,
  rule,
  message,
});

/** The result of a flow: its value, or every broken rule at once. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly BrokenRule[] };

export const done = <Value>(value: Value) => ({ ok: true, value }) as const;
export const refused = (...problems: readonly BrokenRule[]) => ({ ok: false, problems }) as const;
export const isRefused = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "ok" in value && value.ok === false;

/** Why, more closely than the code: a closed set, for the log and `graphward explain`. Clients are not told. */
export const refusalReasons = [
  "no_credential",
  "cookie_not_valid",
  "token_not_valid",
  "token_malformed",
  "token_placeholder",
  "token_in_other_header",
  "ended_meanwhile",
  "no_permission",
  "beyond_token",
  "email_not_verified",
  "switched_off",
  "origin_not_allowed",
  "site_without_origin",
  "limit_spent",
  "one_at_a_time",
  "document_limit",
  "broken_rules",
  "out_of_service",
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

export interface Why {
  readonly reason: RefusalReason;
  /** The name of a rate limit. */
  readonly limit?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** The beginning of the digest of a credential that was refused: it finds the row, and nobody finds the credential. */
  readonly credential?: string;
  /** Our own words, the names of fields and rules, or an origin that ALLOWED_ORIGINS could list. */
  readonly detail?: string;
}

interface Particulars {
  readonly text?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly missing?: Missing | null;
  readonly why?: Why | null;
}

export interface Missing {
  readonly pool: string;
  readonly reason: string;
}

/** The mask lets the text of this class through, so only this file creates instances. */
export class TableError extends GraphQLError {
  readonly code: ErrorCode;
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
  /** For the log only: what was not available. */
  readonly missing: Missing | null;
  /** For the log only. */
  readonly why: Why | null;

  constructor(
    code: ErrorCode,
    { text, status, headers, extensions, missing = null, why = null }: Particulars = {},
  ) {
    const row: Row = errorTable[code];
    const answer = { status: status ?? row.status, headers: new Map(Object.entries(headers ?? {})) };
    super(text ?? row.text, {
      extensions: { code, ...extensions, ...(answer.status === undefined ? {} : { http: answer }) },
    });
    this.code = code;
    this.status = answer.status;
    this.headers = answer.headers;
    this.missing = missing;
    this.why = why;
  }
}

export const unauthenticated = () => new TableError("UNAUTHENTICATED");
export const invalidCredentials = () => new TableError("INVALID_CREDENTIALS");
export const forbidden = (reason: RefusalReason = "no_permission") =>
  new TableError("FORBIDDEN", { why: { reason } });
/** A setting has switched it off. That is no secret: `loginMethods` says it. */
export const switchedOff = (what: string) =>
  new TableError("FORBIDDEN", {
    text: `${what} is switched off on this server.`,
    why: { reason: "switched_off", detail: what },
  });
export const notFound = () => new TableError("NOT_FOUND");
export const invalidToken = () => new TableError("INVALID_TOKEN");
/** A login that waits for another proof. One text for one that is unknown, expired, used up, or of another browser. */
export const invalidPendingLogin = () =>
  new TableError("INVALID_TOKEN", { text: "This login is no longer valid. Please begin again." });
export const secondFactorRequired = () => new TableError("SECOND_FACTOR_REQUIRED");
/**
 * Each of `methods` is enough for `reauthenticate`, and a new login with one of `providers`, which asks the user, is too. Both are empty for a caller who
 * has no login of its own.
 */
export const reauthenticationRequired = ({
  methods = [],
  providers = [],
}: {
  readonly methods?: readonly string[];
  readonly providers?: readonly string[];
} = {}) => new TableError("REAUTHENTICATION_REQUIRED", { extensions: { methods, providers } });
/**
 * RFC 6585, section 4. `wait` is in milliseconds; clients get it in seconds, in the body and in Retry-After.
 */
export const rateLimited = (wait: number, limit?: string) => {
  const retryAfter = Math.max(1, toSeconds(wait));
  const why: Why =
    limit === undefined
      ? { reason: "one_at_a_time", retryAfter }
      : { reason: "limit_spent", limit, retryAfter };
  return new TableError("RATE_LIMITED", {
    headers: { "retry-after": String(retryAfter) },
    extensions: { retryAfter },
    why,
  });
};
/** `origin`: null for none, or one that nobody could list. */
export const crossSiteRequest = (origin: string | null) =>
  new TableError("CROSS_SITE_REQUEST", {
    why:
      origin === null ? { reason: "site_without_origin" } : { reason: "origin_not_allowed", detail: origin },
  });
export const badRequest = (text?: string) =>
  new TableError("BAD_REQUEST", text === undefined ? {} : { text });
/** The next bytes on the connection may belong to another client's request (smuggling): close it. */
export const brokenRequest = () => new TableError("BAD_REQUEST", { headers: { connection: "close" } });
/** The text names the limit and quotes nothing of the document. */
export const refusedDocument = (text: string) =>
  new TableError("GRAPHQL_VALIDATION_FAILED", { text, why: { reason: "document_limit", detail: text } });
export const payloadTooLarge = () =>
  new TableError("PAYLOAD_TOO_LARGE", { headers: { connection: "close" } });
export const unsupportedMediaType = () => new TableError("UNSUPPORTED_MEDIA_TYPE");

export const badUserInput = (fields: readonly BrokenRule[]) =>
  new TableError("BAD_USER_INPUT", {
    extensions: { fields },
    why: { reason: "broken_rules", detail: namesOf(fields) },
  });

/** No message: it may quote what was typed. */
const namesOf = (rules: readonly BrokenRule[]): string =>
  rules
    .slice(0, 5)
    .map(({ field, rule }) => `${field} ${rule}`)
    .join(", ");

export const routeNotFound = () => new TableError("NOT_FOUND", { status: 404 });

/** RFC 9110, section 15.5.6: a 405 lists the allowed methods. */
export const methodNotAllowed = (allow: string) =>
  new TableError("METHOD_NOT_ALLOWED", { headers: { allow } });

const soon = { "retry-after": String(toSeconds(seconds(1))) };

export const serviceUnavailable = (missing?: Missing) =>
  new TableError("SERVICE_UNAVAILABLE", { headers: soon, ...(missing && { missing }) });

/** For load balancers and operators: why the server is not ready. */
export const notReady = (reason: string) =>
  new TableError("SERVICE_UNAVAILABLE", {
    headers: soon,
    extensions: { reason },
  });

/**
 * RFC 6750, section 3.1. One text for every invalid credential, so that an attacker learns nothing by trying.
 */
export const invalidBearer = (text = "Invalid token.", why: Why = { reason: "token_malformed" }) =>
  new TableError("UNAUTHENTICATED", {
    text,
    why,
    status: 401,
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });

/** For mistakes of a client's code. Both are visible in the request itself. */
export const placeholderBearer = () =>
  invalidBearer(
    "Invalid token. The client sent a word such as null or undefined instead of a token. Without a token, it must leave the header out.",
    { reason: "token_placeholder" },
  );
export const misplacedBearer = () =>
  invalidBearer(
    "Invalid token. This server reads tokens from another header: see its setting TOKEN_HEADER.",
    {
      reason: "token_in_other_header",
    },
  );
/** `credential`: see `Why`. Null: it was never ours. */
export const unknownBearer = (credential: string | null) =>
  invalidBearer(
    undefined,
    credential === null ? { reason: "token_malformed" } : { reason: "token_not_valid", credential },
  );

/** The operator finds the log line by the request id; the client learns nothing else. */
export const internalServerError = (requestId: string) =>
  new TableError("INTERNAL_SERVER_ERROR", { extensions: { requestId } });
