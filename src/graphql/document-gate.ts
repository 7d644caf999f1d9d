// Lets documents in: refuses those beyond a limit, before Apollo parses and validates them.
import { type DocumentNode, GraphQLError, OperationTypeNode, parse } from "graphql";
import { refusedDocument, type TableError } from "../errors.ts";
import { documentLimits, type Limit } from "./document-limits.ts";
import { measureOperations, type Size } from "./document-size.ts";
import { findTextExcess } from "./document-text.ts";

/**
 * GRAPHQL_VALIDATION_FAILED for a document that may not come in, or null. Every operation is judged, whichever is asked for,
 * and none by its name. Not a rule of validation: all rules run together, and one of them compares every two fields.
 */
export const findRefusal = (source: string): TableError | null => {
  const excess = findTextExcess(source);
  if (excess) return refusedDocument(excess.text);
  const document = findDocument(source);
  if (document === null) return null;
  for (const [{ operation }, size] of measureOperations(document)) {
    const beyond = findExcess(size);
    if (beyond) return refusedDocument(beyond.text);
    if (size.hasSchemaBelow || (size.schemaFields > 0 && !isOfSchemaAlone(operation, size)))
      return refusedDocument(schemaAlone);
  }
  return null;
};

const schemaAlone =
  "An operation that asks for __schema or __type is a query, and asks for nothing else but __typename.";

/** What does not parse is for Apollo to refuse: it says where. */
const findDocument = (source: string): DocumentNode | null => {
  try {
    return parse(source, { noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
};

const findExcess = (size: Size): Limit | null => {
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

/** It is answered from what the caller may see of the schema; everything else runs on the whole of it. */
const isOfSchemaAlone = (operation: OperationTypeNode, { fields, schemaFields, typenames }: Size): boolean =>
  operation === OperationTypeNode.QUERY && fields === schemaFields + typenames;
