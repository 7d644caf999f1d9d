// Finds the subscription in a request, of POST or of an EventSource's GET.
import type { IncomingMessage } from "node:http";
import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
} from "graphql";
import { searchOf } from "../../http/request/log.ts";
import type { DocumentCache } from "../document-cache.ts";
import { findRefusal } from "../document-gate.ts";
import type { DocumentLimits } from "../document-limits.ts";
import { findKnownOperation, type KnownOperation } from "../fast-path.ts";
import { hasSchemaOperation } from "../introspection.ts";
import type { VariableMeasure } from "../variable-size.ts";

export interface SubscriptionParts {
  readonly schema: GraphQLSchema;
  readonly documents: DocumentCache["documents"];
  readonly limits: DocumentLimits;
  readonly findVariableExcess: VariableMeasure;
}

/**
 * Null when it is none, and when Apollo refuses the request: a document that is not valid, has several root fields or is beyond a
 * limit, and variables beyond theirs.
 */
export const findSubscription = (
  parts: SubscriptionParts,
  request: IncomingMessage,
  body: unknown,
): KnownOperation | null => {
  const envelope = request.method === "GET" ? readSearch(request) : body;
  const source = sourceOf(envelope);
  // Most requests end here.
  if (!mayBeSubscription(source)) return null;
  const { documents, findVariableExcess } = parts;
  let document = documents.find(source) ?? null;
  if (document === null) {
    document = findValid(source, parts);
    if (document === null) return null;
    documents.keep(source, document);
  }
  // The cache keeps no document that is very large, and each valid one must find its stream.
  const found = { find: () => document ?? undefined };
  const known = findKnownOperation(found, findVariableExcess, envelope);
  const operation = known && getOperationAST(known.document, known.operationName);
  return operation?.operation === OperationTypeNode.SUBSCRIPTION ? known : null;
};

/** Also of a document that cannot be parsed. No other spelling is one. */
export const mayBeSubscription = (source: unknown): source is string =>
  typeof source === "string" && source.includes("subscription");

/** True for a query and a mutation. False for a document that Apollo will refuse to run, and say why. */
export const isOtherOperation = (
  { documents, limits }: Pick<SubscriptionParts, "documents" | "limits">,
  { query, operationName }: { readonly query: string; readonly operationName?: string | null | undefined },
): boolean => {
  const document = documents.find(query) ?? (findRefusal(query, limits) === null ? findParsed(query) : null);
  const operation = document && getOperationAST(document, operationName);
  return operation?.operation !== undefined && operation.operation !== OperationTypeNode.SUBSCRIPTION;
};

const findParsed = (source: string): DocumentNode | null => {
  try {
    return parse(source);
  } catch {
    return null;
  }
};

/** With the rules of GraphQL, of which one allows a subscription a single root field. */
const findValid = (
  source: string,
  { schema, limits }: Pick<SubscriptionParts, "schema" | "limits">,
): DocumentNode | null => {
  if (findRefusal(source, limits) !== null) return null;
  const document = findParsed(source);
  // A syntax error: Apollo says where.
  if (document === null) return null;
  const isValid = validate(schema, document, undefined, { maxErrors: 1, hideSuggestions: true }).length === 0;
  return isValid && !hasSchemaOperation(document) ? document : null;
};

const readSearch = ({ url = "" }: IncomingMessage): Readonly<Record<string, unknown>> | null => {
  const search = new URLSearchParams(searchOf(url));
  // A proxy in front may decide about the last of two, and Apollo refuses both.
  if (search.size > new Set(search.keys()).size) return null;
  const json = (name: string): unknown => JSON.parse(search.get(name) ?? "null");
  try {
    return {
      query: search.get("query"),
      operationName: search.get("operationName"),
      variables: json("variables"),
      extensions: json("extensions"),
    };
  } catch {
    return null;
  }
};

const sourceOf = (envelope: unknown): string | null =>
  typeof envelope === "object" &&
  envelope !== null &&
  "query" in envelope &&
  typeof envelope.query === "string"
    ? envelope.query
    : null;
