// Masks errors: rows of the error table keep their text, all others get one fixed text.
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isDatabaseUnavailable } from "../database/failures.ts";
import { type ErrorCode, errorTable, TableError } from "../errors.ts";

/**
 * Apollo's `formatError`. By default, Apollo shows the text of anything a resolver throws, in production too.
 * The request id is added later, in operation-errors.ts.
 */
export const maskError = (formatted: GraphQLFormattedError, raw: unknown): GraphQLFormattedError => {
  const error = unwrapResolverError(raw);
  if (error instanceof TableError) return formatted;
  // Before execution, Apollo wraps errors that have no path, and `unwrapResolverError` does not unwrap them.
  const isWrapped = error instanceof GraphQLError && error.originalError !== undefined;
  if (isDatabaseUnavailable(isWrapped ? error.originalError : error))
    return masked(formatted, "SERVICE_UNAVAILABLE");
  const invalid = asInvalidInput(formatted, error);
  if (invalid) return invalid;
  const refused = asRefusedRequest(formatted, raw);
  return refused ?? masked(formatted, "INTERNAL_SERVER_ERROR");
};

const masked = ({ path, locations }: GraphQLFormattedError, code: ErrorCode): GraphQLFormattedError => ({
  message: errorTable[code].text,
  ...(locations && { locations }),
  ...(path && { path }),
  extensions: { code },
});

/** graphql-js's own errors about variables and arguments. They quote the value, which may be a password. */
const asInvalidInput = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError | null => {
  if (!(error instanceof GraphQLError)) return null;
  const isVariable = formatted.extensions?.code === "BAD_USER_INPUT" && formatted.path === undefined;
  // An error with nodes and this text comes from graphql-js's argument coercion, not from a resolver.
  const isArgument =
    error.nodes !== undefined &&
    /^Argument "\w+" (?:has invalid value|of (?:required|non-null) type) /.test(error.message);
  // After fifty errors graphql-js stops and adds an error of its own, which names no variable.
  if (formatted.path === undefined && error.message.startsWith("Too many errors processing variables"))
    return { ...masked(formatted, "BAD_USER_INPUT"), extensions: { code: "BAD_USER_INPUT", fields: [] } };
  if (!isVariable && !isArgument) return null;

  const [, name = "", at] =
    /^(?:Variable "\$|Argument ")(\w+)"(?:.*? at "([^"]+)")?/s.exec(error.message) ?? [];
  const field = at ?? name;
  const isMissing = /^\w+ "\$?\w+" of (?:required|non-null) type/.test(error.message);
  const rule = isMissing ? "required" : "type";
  const message = isMissing ? "A value is required." : "The value does not have the expected type.";
  return {
    ...masked(formatted, "BAD_USER_INPUT"),
    extensions: { code: "BAD_USER_INPUT", fields: [{ field, rule, message }] },
  };
};

/** These texts quote names and literals, and each may be as long as the document. */
const maxTextLength = 500;

/**
 * Apollo's refusals before execution, which have no path. Their texts describe the request and the public schema only.
 */
const asRefusedRequest = (formatted: GraphQLFormattedError, raw: unknown): GraphQLFormattedError | null => {
  if (formatted.path !== undefined || !(raw instanceof GraphQLError)) return null;
  // Apollo wraps graphql-js's own errors. The text of any other wrapped error is masked.
  if (raw.originalError !== undefined && !(raw.originalError instanceof GraphQLError)) return null;
  const code = tableCodeOf(raw);
  if (code === null) return null;
  const { locations } = formatted;
  return {
    message: withoutSuggestion(formatted.message).slice(0, maxTextLength),
    ...(locations && { locations }),
    extensions: { code },
  };
};

const tableCodeOf = ({ extensions, message }: GraphQLError): ErrorCode | null => {
  const http = extensions.http;
  if (typeof http === "object" && http !== null && "status" in http) {
    if (http.status === 405) return "METHOD_NOT_ALLOWED";
    if (http.status === 415) return "UNSUPPORTED_MEDIA_TYPE";
  }
  switch (extensions.code) {
    case "GRAPHQL_PARSE_FAILED":
    case "GRAPHQL_VALIDATION_FAILED":
    case "PERSISTED_QUERY_NOT_SUPPORTED":
      return extensions.code;
    case "BAD_REQUEST":
    case "OPERATION_RESOLUTION_FAILURE":
      return "BAD_REQUEST";
    default:
      // graphql-js notices an operation type that the schema lacks only during execution.
      return /^Schema is not configured to execute \w+ operation\.$/.test(message) ? "BAD_REQUEST" : null;
  }
};

/** "Did you mean" reveals names of a schema that introspection hides. */
const withoutSuggestion = (message: string): string => message.replace(/ Did you mean .*\?$/s, "");
