// The request log: one line per request with user, operation and outcome, never a variable, literal, query string or credential.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { hideTokens } from "../../auth/secrets/secret.ts";
import type { Meter } from "../../meter.ts";
import { recordOf, takeIds, whenOver } from "./record.ts";

/** A client may request a path of 16 KB. */
const maxPathLength = 200;

export interface RequestLog {
  /** Logs a request that is answered with a response. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  /** Logs a request that is answered on a WebSocket. Call the result when it is over. */
  begin(request: IncomingMessage): (outcome: RequestOutcome) => void;
}

export interface RequestOutcome {
  /** Absent: the client has left before there was any. */
  readonly status: number | undefined;
  /** False: the client has left before the end. */
  readonly finished: boolean;
}

export const createRequestLog = (
  logger: Logger,
  addressOf: (request: IncomingMessage) => string,
  isFromProxy: (request: IncomingMessage) => boolean,
  meter: Meter | null,
): RequestLog => {
  const atEndOfTurn = createBatch();
  const begin = (request: IncomingMessage) => {
    const start = performance.now();
    const record = recordOf(request);
    record.address = addressOf(request);
    if (isFromProxy(request)) takeIds(record, request);
    const { method, url = "" } = request;
    return ({ status, finished }: RequestOutcome): void => {
      const { address, userId, loginUserId, actorId, operationName, outcomes } = record;
      const duration = performance.now() - start;
      meter?.countRequest(url, finished ? (status ?? 0) : 0, duration, record);
      logger.info(
        {
          requestId: record.id,
          trace_id: record.traceId,
          method,
          path: loggedPathOf(url),
          status,
          finished,
          milliseconds: Math.round(duration),
          address,
          userId,
          loginUserId,
          actorId,
          operationName,
          outcomes: outcomes.size > 0 ? [...outcomes] : undefined,
          refusals: record.refusals,
        },
        "request",
      );
    };
  };
  return {
    watch(request, response) {
      const write = begin(request);
      const end = () =>
        write({
          status: response.headersSent ? response.statusCode : undefined,
          finished: response.writableFinished,
        });
      response.on("close", () => whenOver(recordOf(request), response, () => atEndOfTurn(end)));
    },
    begin: (request) => {
      const write = begin(request);
      return (outcome) => atEndOfTurn(() => write(outcome));
    },
  };
};

/**
 * Under load, writing the lines of one turn of the event loop together takes half the time of writing them
 * between responses.
 */
const createBatch = () => {
  let waiting: (() => void)[] = [];
  const run = () => {
    const batch = waiting;
    waiting = [];
    for (const work of batch) work();
  };
  return (work: () => void): void => {
    if (waiting.push(work) === 1) setImmediate(run);
  };
};

/**
 * Logs only the path. Query strings of mail links and GET queries hold secrets and literals, and some senders
 * percent-encode the `?` or `#` once or twice. An absolute URL, which only a refused request still has here,
 * may hold a username and password.
 */
export const loggedPathOf = (url: string): string => {
  if (!url.startsWith("/")) return "";
  const end = url.search(/[^\w./~-]/);
  return hideTokens(end === -1 ? url : url.slice(0, end)).slice(0, maxPathLength);
};

export const pathOf = (url: string): string => {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
};

/** From the first question mark to the end: a query may contain more question marks, and few senders encode them. */
export const searchOf = (url: string): string => url.slice(pathOf(url).length);
