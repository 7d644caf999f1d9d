// One line a request: who, what and how it ended. Never a variable, a literal, a query string or a credential.
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { recordOf } from "./request-record.ts";

export const logRequests = (
  logger: Logger,
  addressOf: (request: IncomingMessage) => string,
): RequestHandler => {
  return function logRequest(request, response, next) {
    const start = performance.now();
    const record = recordOf(request);
    response.setHeader("X-Request-Id", record.id);
    response.once("close", () => {
      logger.info(
        {
          requestId: record.id,
          method: request.method,
          // Mail links and GET queries carry secrets and literals behind the question mark.
          path: request.originalUrl.split("?", 1)[0],
          status: response.statusCode,
          finished: response.writableFinished,
          milliseconds: Math.round(performance.now() - start),
          address: addressOf(request),
          ...(record.userId && { userId: record.userId }),
          ...(record.operationName && { operationName: record.operationName }),
          ...(record.outcomes.size > 0 && { outcomes: [...record.outcomes] }),
        },
        "request",
      );
    });
    next();
  };
};
