// The short way: executes an operation that Apollo would let pass without a word, as Apollo would, but without its pipeline.
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
import { nameOperation, recordOf } from "../http/request-record.ts";
import type { CompleteResponse } from "../http/response.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";
import type { DocumentCache } from "./document-cache.ts";
import { concludeErrors, formatFieldErrors } from "./operation-errors.ts";
import { findVariableExcess } from "./variable-size.ts";

export type ExecuteDirectly = (
  operation: KnownOperation,
  context: Context,
  contentType: string,
) => PromiseOrValue<CompleteResponse | null>;

export type KnownOperation = Pick<ExecutionArgs, "document" | "operationName" | "variableValues">;

/** Null for whatever Apollo might refuse, or has not seen yet: then it is asked. */
export const findKnownOperation = (
  documents: DocumentCache["documents"],
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
  (schema: GraphQLSchema, logger: Logger): ExecuteDirectly =>
  (known, contextValue, contentType) => {
    const operation = getOperationAST(known.document, known.operationName);
    if (!operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
    return whenKnown(execute({ schema, ...known, contextValue }), ({ data, errors }: ExecutionResult) => {
      // Variables that do not fit: no resolver has run, and Apollo has the words for it.
      if (data === undefined) return null;
      const record = recordOf(contextValue.exchange.request);
      nameOperation(record, operation.name?.value);
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
