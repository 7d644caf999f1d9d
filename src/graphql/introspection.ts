// Executes introspection on the part of the schema that the viewer may use.
import { type ApolloServerPlugin, type GraphQLResponse, HeaderMap } from "@apollo/server";
import { type DocumentNode, type ExecutionResult, execute, type OperationDefinitionNode } from "graphql";
import type { SchemaViews } from "../auth/access/introspection/schema-views.ts";
import type { Context } from "../auth/context.ts";
import { measureOperations } from "./document-size.ts";
import { maskError } from "./error-mask.ts";
import { formatFieldErrors } from "./operation-errors.ts";

/**
 * An Apollo plugin; Apollo has validated the document on the whole schema by then. The operations it executes
 * are pure introspection: `document-gate.ts` refuses mixtures.
 */
export const answerIntrospection = (views: SchemaViews): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    // An error in this hook, such as a lost database, becomes a normal response; an error in the next hook
    // becomes a 500.
    didResolveOperation: async ({ document, operation, contextValue }) => {
      if (operation && asksForSchema(document, operation)) await contextValue.findViewer();
    },
    responseForOperation: async ({ document, operation, operationName, request, contextValue }) => {
      if (!operation || !asksForSchema(document, operation)) return null;
      const schema = views(await contextValue.findViewer());
      return asResponse(
        await execute({ schema, document, operationName, variableValues: request.variables, contextValue }),
      );
    },
  }),
});

/**
 * True when any operation is introspection. Such a document never enters the document cache: the fast path
 * knows the whole schema only.
 */
export const hasSchemaOperation = (document: DocumentNode): boolean => schemaOperationsOf(document).size > 0;

const asksForSchema = (document: DocumentNode, operation: OperationDefinitionNode): boolean =>
  schemaOperationsOf(document).has(operation);

/** Apollo keeps parsed documents and passes the same object again. */
const known = new WeakMap<DocumentNode, ReadonlySet<OperationDefinitionNode>>();

const schemaOperationsOf = (document: DocumentNode): ReadonlySet<OperationDefinitionNode> => {
  const found =
    known.get(document) ??
    new Set(
      [...measureOperations(document)]
        .filter(([, { schemaFields }]) => schemaFields > 0)
        .map(([operation]) => operation),
    );
  known.set(document, found);
  return found;
};

const asResponse = ({ data, errors }: ExecutionResult): GraphQLResponse => {
  const body = (singleResult: object): GraphQLResponse["body"] => ({ kind: "single", singleResult });
  if (errors === undefined) return { http: { headers: new HeaderMap() }, body: body({ data }) };
  if (data !== undefined) {
    const { formatted, http } = formatFieldErrors(errors);
    return { http, body: body({ errors: formatted, data }) };
  }
  // Nothing has run: variable coercion failed.
  const code = "BAD_USER_INPUT";
  const formatted = errors.map((error) => maskError({ ...error.toJSON(), extensions: { code } }, error));
  return { http: { status: 400, headers: new HeaderMap() }, body: body({ errors: formatted }) };
};
