// Refusals of a whole request, in the shape of a GraphQL response.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { isDatabaseUnavailable } from "../database/failures.ts";
import { describeForLog, logUnavailable, whyOf } from "../error-log.ts";
import { badRequest, internalServerError, routeNotFound, serviceUnavailable, TableError } from "../errors.ts";
import { noteRefusal, type RequestRecord, recordOf } from "./request/record.ts";
import type { ResponseSender } from "./response.ts";

export const refuseUnknownRoutes: RequestHandler = (_request, _response, next) => next(routeNotFound());

export type RespondWithError = (error: unknown, request: IncomingMessage, response: ServerResponse) => void;

export const createErrorResponder =
  (logger: Logger, { send }: ResponseSender): RespondWithError =>
  (error, request, response) => {
    const known = noteFailure(logger, error, recordOf(request));
    if (response.headersSent) response.destroy();
    else
      send(request, response, {
        status: known.status ?? 200,
        headers: [...[...known.headers].flat(), "Content-Type", "application/json; charset=utf-8"],
        body: JSON.stringify(errorBody(known)),
      });
  };

/** What the client is told of it. The log is told the rest. */
export const noteFailure = (logger: Logger, error: unknown, record: RequestRecord): TableError => {
  const known = asTableError(error) ?? internalServerError(record.id);
  if (known.code === "INTERNAL_SERVER_ERROR")
    logger.error({ requestId: record.id, error: describeForLog(error) }, "request failed");
  // Health checks have lines of their own, when the answer changes.
  if (known.code === "SERVICE_UNAVAILABLE" && !("reason" in known.extensions))
    logUnavailable(logger, error, record.id);
  noteRefusal(record, known.code, whyOf(known, error));
  return known;
};

/** `http` in the extensions is for Apollo; clients get it as status and headers. */
export const errorBody = ({ message, extensions: { http: _http, ...extensions } }: TableError) => ({
  errors: [{ message, extensions }],
});

const asTableError = (error: unknown): TableError | null => {
  if (error instanceof TableError) return error;
  if (isDatabaseUnavailable(error)) return serviceUnavailable();
  // Express marks client errors with a status; its texts are not shown.
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? badRequest() : null;
};
