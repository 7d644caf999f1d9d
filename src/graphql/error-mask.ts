// What a client may see of an error: rows of the table, and everything else as one fixed text.
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isDatabaseUnavailable } from "../database/failures.ts";
import { type ErrorCode, errorTable, TableError } from "../errors.ts";

/**
 * Apollo's `formatError`. By itself Apollo shows the text of whatever a resolver threw, in production too. The request
 * id is added where the request is known.
 */
export const maskError = (formatted: GraphQLFormattedError, raw: unknown): GraphQLFormattedError => {
  const error = unwrapResolverError(raw);
  if (error instanceof TableError) return formatted;
  // Before execution Apollo wraps an error that has no path, and `unwrapResolverError` leaves it wrapped.
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

/** graphql-js's own complaints about variables and arguments. They quote the value, which may be a password. */
const asInvalidInput = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError | null => {
  if (!(error instanceof GraphQLError)) return null;
  const isVariable = formatted.extensions?.code === "BAD_USER_INPUT" && formatted.path === undefined;
  // With nodes and this text it comes from graphql-js's reading of arguments, not from a resolver.
  const isArgument =
    error.nodes !== undefined &&
    /^Argument "\w+" (?:has invalid value|of (?:required|non-null) type) /.test(error.message);
  // After fifty, graphql-js stops and says so in an error of its own, which names none.
  if (formatted.path === undefined && error.message.startsWith("Too many errors processing variables"))
    return { ...masked(formatted, "BAD_USER_INPUT"), extensions: { code: "BAD_USER_INPUT", fields: [] } };
  if (!isVariable && !isArgument) return null;

  const [, name = "", at] =
    /^(?:Variable "\$|Argument ")(\w+)"(?:.*? at "([^"]+)")?/s.exec(error.message) ?? [];
  const field = at ?? name;
  const isMissing = /^\w+ "\$?\w+" of (?:required|non-null) type/.test(error.message);
  const rule = isMissing ? "required" : "type";
  const message = isMissing ? "A value is required here." : "This value is not of the expected type.";
  return {
    ...masked(formatted, "BAD_USER_INPUT"),
    extensions: { code: "BAD_USER_INPUT", fields: [{ field, rule, message }] },
  };
};

/** These texts quote names and literals of the document, each of which may be as long as the document. */
const maxTextLength = 500;

/** Apollo's refusals before execution, which have no path. Their texts speak of the request and of the open schema. */
const asRefusedRequest = (formatted: GraphQLFormattedError, raw: unknown): GraphQLFormattedError | null => {
  if (formatted.path !== undefined || !(raw instanceof GraphQLError)) return null;
  // Apollo wraps graphql-js's own complaints; of anything else beneath, the text is not ours to show.
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
      return extensions.code;
    case "BAD_REQUEST":
    case "OPERATION_RESOLUTION_FAILURE":
    case "PERSISTED_QUERY_NOT_SUPPORTED":
      return "BAD_REQUEST";
    default:
      // An operation of a kind that the schema does not have is noticed only when it is executed.
      return /^Schema is not configured to execute \w+ operation\.$/.test(message) ? "BAD_REQUEST" : null;
  }
};

/** "Did you mean" tells the names of a schema that introspection keeps to itself. */
const withoutSuggestion = (message: string): string => message.replace(/ Did you mean .*\?$/s, "");
