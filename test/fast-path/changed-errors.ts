// The permitted differences inside an answer that both give: errors masked or renamed, and the headers of every answer.
import {
  changeErrors,
  type Difference,
  type FormattedError,
  hasCode,
  invalidInputOf,
  withHeaders,
} from "./difference.ts";
import type { Answer } from "./exchange.ts";
import { shownSchema } from "./shown-schema.ts";

const codeOf = ({ extensions }: FormattedError): string => String(extensions.code);

/** Codes of the table that a resolver's error may have; all others are somebody's own. */
const tableCodes =
  /^(?:UNAUTHENTICATED|INVALID_CREDENTIALS|FORBIDDEN|NOT_FOUND|BAD_USER_INPUT|SERVICE_UNAVAILABLE)$/;

const databaseText = "terminating connection";
const isOfDatabase = ({ message }: FormattedError): boolean => message === databaseText;

const isArgument = ({ message }: FormattedError): boolean =>
  /^Argument "\w+" (?:has invalid value|of (?:required|non-null) type) /.test(message);

const renamed =
  (code: string, text: RegExp, ours: string): ((stock: Answer) => Answer | null) =>
  (stock) =>
    changeErrors(stock, (error) =>
      codeOf(error) === code && error.path === undefined && text.test(error.message)
        ? { ...error, extensions: { ...error.extensions, code: ours } }
        : null,
    );

const table = "docs/clients.md, Errors: a closed table of codes";
const masked =
  "docs/security-index.md, GraphQL: an error that is not in the table is one fixed text with the request id";

export const changes: readonly Difference[] = [
  shownSchema,
  {
    name: "a database that cannot be asked",
    reason: "docs/clients.md, Errors: SERVICE_UNAVAILABLE is 503 with Retry-After",
    change: (stock) => {
      const changed = changeErrors(stock, (error) => {
        if (!isOfDatabase(error)) return null;
        const { locations, path } = error;
        const message = "The service is not available. Please try again shortly.";
        return { message, locations, path, extensions: { code: "SERVICE_UNAVAILABLE" } };
      });
      return changed && withHeaders({ ...changed, status: 503 }, { "retry-after": "1" });
    },
  },
  {
    name: "503 before any other status",
    reason: "docs/clients.md, Errors: SERVICE_UNAVAILABLE is 503; Apollo takes the last error's status",
    change: (stock) =>
      stock.status !== 503 && hasCode(stock, "SERVICE_UNAVAILABLE") ? { ...stock, status: 503 } : null,
  },
  {
    name: "arguments of the wrong kind",
    reason: "docs/clients.md, Errors: BAD_USER_INPUT names the fields; a value may be a password",
    change: (stock) =>
      changeErrors(stock, (error) =>
        codeOf(error) === "INTERNAL_SERVER_ERROR" && isArgument(error)
          ? invalidInputOf(error, /^Argument "(\w+)" (?:of (?:required|non-null) type "[^"]+" )?/)
          : null,
      ),
  },
  {
    name: "variables of the wrong kind",
    reason: "docs/clients.md, Errors: BAD_USER_INPUT names the fields; a value may be a password",
    change: (stock) =>
      changeErrors(stock, (error) =>
        codeOf(error) === "BAD_USER_INPUT" && error.path === undefined
          ? invalidInputOf(error, /^Variable "\$(\w+)" (?:of (?:required|non-null) type "[^"]+" )?/)
          : null,
      ),
  },
  {
    name: "what a resolver throws",
    reason: masked,
    change: (stock) =>
      changeErrors(stock, (error) => {
        if (error.path === undefined || tableCodes.test(codeOf(error))) return null;
        return {
          message: "Something went wrong. It has been logged.",
          locations: error.locations,
          path: error.path,
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId: "<request id>" },
        };
      }),
  },
  {
    name: "no suggestions",
    reason: "docs/security-index.md, GraphQL: no suggestions, of arguments and enums neither",
    change: (stock) =>
      changeErrors(stock, (error) =>
        codeOf(error) === "GRAPHQL_VALIDATION_FAILED" && error.message.includes(" Did you mean ")
          ? { ...error, message: error.message.replace(/ Did you mean .*\?$/s, "") }
          : null,
      ),
  },
  {
    name: "no code beside the table's",
    reason: table,
    change: (stock) =>
      changeErrors(stock, (error) =>
        error.extensions.validationErrorCode === "INTROSPECTION_DISABLED"
          ? { ...error, extensions: { code: codeOf(error) } }
          : null,
      ),
  },
  {
    name: "the code of a mutation by GET",
    reason: table,
    change: renamed("BAD_REQUEST", /^GET requests only support query operations/, "METHOD_NOT_ALLOWED"),
  },
  {
    name: "the code of another type by GET",
    reason: table,
    change: renamed("BAD_REQUEST", /^GET requests may not have a content-type/, "UNSUPPORTED_MEDIA_TYPE"),
  },
  {
    name: "the code of an operation that cannot be chosen",
    reason: table,
    change: renamed("OPERATION_RESOLUTION_FAILURE", /^(?:Unknown|Must provide)/, "BAD_REQUEST"),
  },
  {
    name: "a parameter's capitals",
    reason:
      "RFC 9110, 8.3.1: parameter names have no case; Express makes Apollo's callbackSpec small, we leave it",
    change: (stock) =>
      stock.headers["content-type"] === "application/json; callbackspec=1.0; charset=utf-8"
        ? withHeaders(stock, { "content-type": "application/json; callbackSpec=1.0; charset=utf-8" })
        : null,
  },
  {
    name: "never cached",
    reason: "docs/security-index.md, HTTP: every answer has no-store",
    change: (stock) => withHeaders(stock, { "cache-control": "no-store" }),
  },
  {
    name: "nothing of Express",
    reason: "docs/security-index.md, HTTP: no answer has X-Powered-By or ETag",
    change: (stock) => withHeaders(stock, { "x-powered-by": undefined, etag: undefined }),
  },
  {
    name: "varies by origin",
    reason: "docs/security-index.md, HTTP: every answer has Vary: Origin",
    change: (stock) => withHeaders(stock, { vary: "Origin" }),
  },
  {
    name: "a request id",
    reason: "docs/clients.md, Errors: every answer has X-Request-Id",
    change: (stock) => withHeaders(stock, { "x-request-id": "<request id>" }),
  },
  {
    name: "security headers",
    reason: "docs/security-index.md, HTTP: every answer has nosniff, a strict CSP and Referrer-Policy",
    change: (stock) =>
      withHeaders(stock, {
        "content-security-policy":
          "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      }),
  },
];
