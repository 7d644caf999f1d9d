// One line a request: who, what and how it ended. Never a variable, a literal, a query string or a credential.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { hideTokens } from "../auth/secrets/secret.ts";
import { recordOf } from "./request-record.ts";

/** A client may ask for a path of 16 KB; a log line need not repeat it. */
const maxPathLength = 200;

export const createRequestLog = (logger: Logger, addressOf: (request: IncomingMessage) => string) => {
  const atEndOfTurn = createBatch();
  return (request: IncomingMessage, response: ServerResponse): void => {
    const start = performance.now();
    const record = recordOf(request);
    record.address = addressOf(request);
    const { method, url = "" } = request;
    const write = () => {
      const { address, userId, actorId, operationName, outcomes } = record;
      logger.info(
        {
          requestId: record.id,
          method,
          path: loggedPathOf(url).slice(0, maxPathLength),
          status: response.headersSent ? response.statusCode : undefined,
          finished: response.writableFinished,
          milliseconds: Math.round(performance.now() - start),
          address,
          userId,
          actorId,
          operationName,
          outcomes: outcomes.size > 0 ? [...outcomes] : undefined,
        },
        "request",
      );
    };
    response.on("close", () => {
      // Its user, its operation and its outcome are known when it has ended, whether anybody waits for them or not.
      if (response.writableEnded || record.work === undefined) atEndOfTurn(write);
      else void record.work.finally(() => atEndOfTurn(write));
    });
  };
};

/** Under load, the lines of one turn of the event loop in a row take half of what they take between answers. */
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
 * As far as it can be a path of ours. Mail links and GET queries carry secrets and literals behind their signs, which some senders
 * encode, once or twice. A whole URL, which only a request that is refused still has here, may carry a name and a password.
 */
const loggedPathOf = (url: string): string => {
  if (!url.startsWith("/")) return "";
  const end = url.search(/[^\w./~-]/);
  return hideTokens(end === -1 ? url : url.slice(0, end));
};

export const pathOf = (url: string): string => {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
};

/** From the first question mark to the end: a query may hold more of them, and few senders encode those. */
export const searchOf = (url: string): string => url.slice(pathOf(url).length);
