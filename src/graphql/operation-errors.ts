// The errors of an operation: masked, told to the log, and what they mean for the status of the whole answer.
import { HeaderMap, type HTTPGraphQLHead } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import type { Logger } from "pino";
import { recordRefusedField } from "../auth/access/refused-fields.ts";
import type { Context } from "../auth/context.ts";
import { describeForLog } from "../error-log.ts";
import { isErrorCode, serviceUnavailable, statusOf } from "../errors.ts";
import { recordOf } from "../http/request-record.ts";
import { maskError } from "./error-mask.ts";

/** The errors that graphql-js returned, in the form and with the HTTP head that Apollo makes of them. */
export const formatFieldErrors = (errors: readonly GraphQLError[]) => {
  const http: HTTPGraphQLHead = { headers: new HeaderMap() };
  const formatted = errors.map((error) => {
    const { http: asked, ...others } = error.extensions;
    const extensions = { ...others, code: others.code ?? "INTERNAL_SERVER_ERROR" };
    if (isHead(asked)) {
      if (asked.status) http.status = asked.status;
      for (const [name, value] of asked.headers ?? []) http.headers.set(name, value);
    }
    return maskError({ ...error.toJSON(), extensions }, error);
  });
  return { formatted, http };
};

const isHead = (asked: unknown): asked is Partial<HTTPGraphQLHead> =>
  typeof asked === "object" &&
  asked !== null &&
  (!("status" in asked) || typeof asked.status === "number") &&
  (!("headers" in asked) || asked.headers instanceof Map);

/**
 * Tells the log and the audit trail how an operation ended, and the client under which id to ask about it. Changes `http`.
 */
export const concludeErrors = (
  logger: Logger,
  context: Context,
  errors: { readonly formatted: readonly GraphQLFormattedError[]; readonly raw: readonly unknown[] },
  http: HTTPGraphQLHead,
): GraphQLFormattedError[] => {
  const record = recordOf(context.exchange.request);
  return errors.formatted.map((error, index) => {
    const code = String(error.extensions?.code);
    const raw = errors.raw[index];
    // A request that is refused a thousand fields was refused once.
    if (!record.outcomes.has(code)) {
      const { userId = null, actorId = userId } = record;
      recordRefusedField(context, { code, field: fieldOf(raw), userId, actorId });
    }
    record.outcomes.add(code);
    setStatus(http, error);
    if (code !== "INTERNAL_SERVER_ERROR") return error;
    const reason = describeForLog(unwrapResolverError(raw));
    logger.error({ requestId: record.id, path: error.path, error: reason }, "field failed");
    return { ...error, extensions: { ...error.extensions, requestId: record.id } };
  });
};

const fieldOf = (error: unknown): string | null => {
  const node = error instanceof GraphQLError ? error.nodes?.[0] : undefined;
  return node?.kind === Kind.FIELD ? node.name.value : null;
};

/** What the mask decides comes too late for Apollo's own choice of status. */
const setStatus = (http: HTTPGraphQLHead, { path, extensions }: GraphQLFormattedError): void => {
  const code = extensions?.code;
  if (!isErrorCode(code)) return;
  const isUndecided = http.status === undefined || http.status === 200;
  const status =
    code === "SERVICE_UNAVAILABLE" || (path === undefined && isUndecided) ? statusOf(code) : undefined;
  if (status !== undefined) http.status = status;
  if (code === "SERVICE_UNAVAILABLE")
    for (const [name, value] of serviceUnavailable().headers) http.headers.set(name, value);
};
