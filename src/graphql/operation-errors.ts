// The errors of an operation: masks them, logs them, and derives the status of the response.
import { HeaderMap, type HTTPGraphQLHead } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError, Kind } from "graphql";
import type { Logger } from "pino";
import { recordRefusedField } from "../auth/access/refused-fields.ts";
import type { Context } from "../auth/context.ts";
import { describeForLog, logUnavailable, whyOf } from "../error-log.ts";
import { isErrorCode, serviceUnavailable, statusOf, TableError, type Why } from "../errors.ts";
import { noteRefusal, recordOf } from "../http/request/record.ts";
import { maskError } from "./error-mask.ts";

/** The errors of graphql-js, in the format and with the HTTP head that Apollo gives them. */
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
 * Records how an operation ended in the log and the audit trail, and adds the request id for the client.
 * Changes `http`.
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
    if (code === "SERVICE_UNAVAILABLE" && !record.outcomes.has(code))
      logUnavailable(logger, originOf(raw), record.id);
    // Counts once per request, even when a thousand fields are refused.
    if (!record.outcomes.has(code)) {
      const { userId = null, actorId = userId } = record;
      recordRefusedField(context, { code, field: fieldOf(raw), userId, actorId });
    }
    noteRefusal(record, code, findWhy(context, code, originOf(raw)), fieldOf(raw));
    setStatus(http, error);
    if (code !== "INTERNAL_SERVER_ERROR") return error;
    const reason = describeForLog(unwrapResolverError(raw));
    logger.error({ requestId: record.id, path: error.path, error: reason }, "field failed");
    return { ...error, extensions: { ...error.extensions, requestId: record.id } };
  });
};

const findWhy = (context: Context, code: string, error: unknown): Why | null => {
  if (code === "UNAUTHENTICATED") return describeAbsence(context);
  if (code === "SERVICE_UNAVAILABLE") return whyOf({ code, why: null }, error);
  return error instanceof TableError ? error.why : null;
};

/** A token that is not valid was refused before. */
const describeAbsence = ({ token, exchange, services }: Context): Why => {
  if (token !== null || recordOf(exchange.request).userId !== undefined) return { reason: "ended_meanwhile" };
  const cookie = services.sessionCookies.readCookie(exchange.request);
  if (cookie === undefined) return { reason: "no_credential" };
  const credential = services.viewers.nameOf("cookie", cookie);
  return { reason: "cookie_not_valid", ...(credential !== null && { credential }) };
};

/** Before execution, Apollo wraps errors that have no path, and `unwrapResolverError` does not unwrap them. */
const originOf = (raw: unknown): unknown => {
  const error = unwrapResolverError(raw);
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
};

const fieldOf = (error: unknown): string | null => {
  const node = error instanceof GraphQLError ? error.nodes?.[0] : undefined;
  return node?.kind === Kind.FIELD ? node.name.value : null;
};

/** Apollo chooses its status before the mask decides, so it is set here. */
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
