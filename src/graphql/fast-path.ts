// The fast path: a second executor beside Apollo Server, for documents that Apollo has parsed and validated before.
// It calls graphql-js `execute` directly and leaves out Apollo's pipeline: parsing, validation, plugin hooks and
// content negotiation. Apollo executes all other documents, introspection, and requests that it might refuse.
// Errors are masked, logged and audited by the same code on both paths (operation-errors.ts).
// FAST_PATH=off turns it off. Its conformance tests are in test/fast-path/: they compare its responses with
// Apollo's. The measured gain is in docs/decisions/fast-path.md.
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
} from "graphql";
import type { Logger } from "pino";
import type { Context } from "../auth/context.ts";
import { nameOperation, recordOf } from "../http/request/record.ts";
import type { CompleteResponse } from "../http/response.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";
import type { DocumentCache } from "./document-cache.ts";
import { concludeErrors, formatFieldErrors } from "./operation-errors.ts";
import type { RootFields } from "./root-fields.ts";
import type { VariableMeasure } from "./variable-size.ts";

export type ExecuteDirectly = (
  operation: KnownOperation,
  context: Context,
  contentType: string,
) => PromiseOrValue<CompleteResponse | null>;

export type KnownOperation = Pick<ExecutionArgs, "document" | "operationName" | "variableValues">;

/**
 * Null when Apollo might refuse the request, or has not validated the document yet: then Apollo executes it.
 */
export const findKnownOperation = (
  documents: Pick<DocumentCache["documents"], "find">,
  findVariableExcess: VariableMeasure,
  body: unknown,
): KnownOperation | null => {
  if (!isRecord(body)) return null;
  const { query, operationName, variables, extensions } = body;
  if (typeof query !== "string") return null;
  if (!isMissing(operationName) && typeof operationName !== "string") return null;
  if (!isMissing(variables) && !isRecord(variables)) return null;
  if (!isMissing(extensions) && (!isRecord(extensions) || extensions.persistedQuery)) return null;
  const document = documents.find(query);
  if (document === undefined || (variables && findVariableExcess(variables) !== null)) return null;
  return { document, operationName: operationName ?? null, variableValues: variables ?? null };
};

const isMissing = (value: unknown): value is null | undefined => value === undefined || value === null;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const createDirectExecution =
  (schema: GraphQLSchema, logger: Logger, rootOf: RootFields["find"]): ExecuteDirectly =>
  (known, contextValue, contentType) => {
    const operation = getOperationAST(known.document, known.operationName);
    if (!operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
    return whenKnown(execute({ schema, ...known, contextValue }), ({ data, errors }: ExecutionResult) => {
      // Variable coercion failed: no resolver has run, and Apollo formats the error.
      if (data === undefined) return null;
      const record = recordOf(contextValue.exchange.request);
      nameOperation(record, operation.name?.value);
      record.root = rootOf(known.document, operation);
      if (errors === undefined)
        return { status: 200, headers: ["content-type", contentType], body: `${JSON.stringify({ data })}\n` };

      const { formatted, http } = formatFieldErrors(errors);
      const concluded = concludeErrors(logger, contextValue, { formatted, raw: errors }, http);
      return {
        status: http.status ?? 200,
        headers: [...[...http.headers].flat(), "content-type", contentType],
        body: `${JSON.stringify({ errors: concluded, data })}\n`,
      };
    });
  };
