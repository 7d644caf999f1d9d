// Refuses documents beyond a limit, before Apollo parses and validates them.
import { type DocumentNode, GraphQLError, OperationTypeNode, parse } from "graphql";
import { refusedDocument, type TableError } from "../errors.ts";
import type { DocumentLimits, Limit } from "./document-limits.ts";
import { measureOperations, type Size } from "./document-size.ts";
import { findTextExcess } from "./document-text.ts";
import { hasConditionalRoot } from "./subscriptions/root-selections.ts";

/**
 * GRAPHQL_VALIDATION_FAILED for a document beyond a limit, or null. Checks every operation, not only the
 * requested one. Not a validation rule: all rules run together, and one of them compares every pair of fields.
 */
export const findRefusal = (source: string, limits: DocumentLimits): TableError | null => {
  const excess = findTextExcess(source, limits);
  if (excess) return refusedDocument(excess.text);
  const document = findDocument(source);
  if (document === null) return null;
  for (const [{ operation }, size] of measureOperations(document)) {
    const beyond = findExcess(size, limits);
    if (beyond) return refusedDocument(beyond.text);
    if (size.hasSchemaBelow || (size.schemaFields > 0 && !isOfSchemaAlone(operation, size)))
      return refusedDocument(schemaAlone);
  }
  return hasConditionalRoot(document) ? refusedDocument(unconditional) : null;
};

const schemaAlone =
  "An operation with __schema or __type must be a query without other root fields, except __typename.";

const unconditional = "The root field of a subscription cannot have @skip or @include.";

/** Null for a document with a syntax error: Apollo refuses it and says where the error is. */
const findDocument = (source: string): DocumentNode | null => {
  try {
    return parse(source, { noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
};

const findExcess = (size: Size, documentLimits: DocumentLimits): Limit | null => {
  const measured = [
    [size.selections, documentLimits.selections],
    [size.fields, documentLimits.rootSelections],
    [size.aliases, documentLimits.aliases],
    [size.directives, documentLimits.directives],
    [size.fragmentDepth, documentLimits.fragmentDepth],
    [size.depth, documentLimits.depth],
    [size.schemaDepth, documentLimits.introspectionDepth],
  ] as const;
  return measured.find(([count, { most }]) => count > most)?.[1] ?? null;
};

/** Introspection shows the viewer's part of the schema; all other operations run on the whole schema. */
const isOfSchemaAlone = (operation: OperationTypeNode, { fields, schemaFields, typenames }: Size): boolean =>
  operation === OperationTypeNode.QUERY && fields === schemaFields + typenames;
