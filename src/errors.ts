// The closed table of errors: whatever is not made here reaches a client masked.
// Not the whole of graphql: every rule imports this file, and commands have rules without any GraphQL.
import { GraphQLError } from "graphql/error/index.js";
import { seconds, toSeconds } from "./time.ts";

interface Row {
  /** Of the whole answer. Rows without one belong to a field, and leave the answer at 200. */
  readonly status?: number;
  readonly text: string;
}

export const errorTable = {
  UNAUTHENTICATED: { text: "Authentication credentials were not provided." },
  INVALID_CREDENTIALS: { text: "Unable to log in with provided credentials." },
  FORBIDDEN: { text: "You do not have permission to perform this action." },
  NOT_FOUND: { text: "Not found." },
  REAUTHENTICATION_REQUIRED: { text: "Please log in again to do this." },
  BAD_USER_INPUT: { text: "The input is not valid." },
  INVALID_TOKEN: { text: "This link is no longer valid." },
  RATE_LIMITED: { status: 429, text: "Too many attempts. Please wait." },
  SERVICE_UNAVAILABLE: { status: 503, text: "The service is not available. Please try again shortly." },
  CROSS_SITE_REQUEST: { status: 403, text: "Requests from another site are refused." },
  BAD_REQUEST: { status: 400, text: "The request is not well formed." },
  METHOD_NOT_ALLOWED: { status: 405, text: "This method is not allowed." },
  PAYLOAD_TOO_LARGE: { status: 413, text: "The request is too large." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, text: "The content type must be application/json in UTF-8." },
  GRAPHQL_PARSE_FAILED: { status: 400, text: "The document could not be parsed." },
  GRAPHQL_VALIDATION_FAILED: { status: 400, text: "The document is not valid." },
  INTERNAL_SERVER_ERROR: { status: 500, text: "Something went wrong. It has been logged." },
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof errorTable;

/** Of a refusal of the whole request. */
export const statusOf = (code: ErrorCode): number | undefined => (errorTable[code] as Row).status;

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(errorTable, code);

/** One broken rule, named so that a form can show it beside its field. */
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

/** What a flow returns that can fail by a rule: its value, or every broken rule at once. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly BrokenRule[] };

export const done = <Value>(value: Value) => ({ ok: true, value }) as const;
export const refused = (...problems: readonly BrokenRule[]) => ({ ok: false, problems }) as const;

interface Particulars {
  readonly text?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Being of this class is what lets an error's text through the mask, so only this file makes one. */
export class TableError extends GraphQLError {
  readonly code: ErrorCode;
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;

  constructor(code: ErrorCode, { text, status, headers, extensions }: Particulars = {}) {
    const row: Row = errorTable[code];
    const answer = { status: status ?? row.status, headers: new Map(Object.entries(headers ?? {})) };
    super(text ?? row.text, {
      extensions: { code, ...extensions, ...(answer.status === undefined ? {} : { http: answer }) },
    });
    this.code = code;
    this.status = answer.status;
    this.headers = answer.headers;
  }
}

export const unauthenticated = () => new TableError("UNAUTHENTICATED");
export const invalidCredentials = () => new TableError("INVALID_CREDENTIALS");
export const forbidden = () => new TableError("FORBIDDEN");
export const notFound = () => new TableError("NOT_FOUND");
export const invalidToken = () => new TableError("INVALID_TOKEN");
export const reauthenticationRequired = () => new TableError("REAUTHENTICATION_REQUIRED");
/** RFC 6585, 4. `wait` in milliseconds, told in seconds to clients that read bodies and to those that read headers. */
export const rateLimited = (wait: number) => {
  const retryAfter = Math.max(1, toSeconds(wait));
  return new TableError("RATE_LIMITED", {
    headers: { "retry-after": String(retryAfter) },
    extensions: { retryAfter },
  });
};
export const crossSiteRequest = () => new TableError("CROSS_SITE_REQUEST");
export const badRequest = (text?: string) =>
  new TableError("BAD_REQUEST", text === undefined ? {} : { text });
/** What follows on the connection may be anybody's: it is not read. */
export const brokenRequest = () => new TableError("BAD_REQUEST", { headers: { connection: "close" } });
/** The text says which limit it is, and nothing of the document. */
export const refusedDocument = (text: string) => new TableError("GRAPHQL_VALIDATION_FAILED", { text });
export const payloadTooLarge = () =>
  new TableError("PAYLOAD_TOO_LARGE", { headers: { connection: "close" } });
export const unsupportedMediaType = () => new TableError("UNSUPPORTED_MEDIA_TYPE");

export const badUserInput = (fields: readonly BrokenRule[]) =>
  new TableError("BAD_USER_INPUT", { extensions: { fields } });

export const routeNotFound = () => new TableError("NOT_FOUND", { status: 404 });

/** RFC 9110, 15.5.6: a 405 names what is allowed. */
export const methodNotAllowed = (allow: string) =>
  new TableError("METHOD_NOT_ALLOWED", { headers: { allow } });

export const serviceUnavailable = (retryAfter = seconds(1)) =>
  new TableError("SERVICE_UNAVAILABLE", { headers: { "retry-after": String(toSeconds(retryAfter)) } });

/** RFC 6750, 3.1. One text for every way in which a credential can be wrong: nothing to learn by trying. */
export const invalidBearer = () =>
  new TableError("UNAUTHENTICATED", {
    text: "Invalid token.",
    status: 401,
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });

/** The request id is how an operator finds the log line; it tells the client nothing else. */
export const internalServerError = (requestId: string) =>
  new TableError("INTERNAL_SERVER_ERROR", { extensions: { requestId } });
