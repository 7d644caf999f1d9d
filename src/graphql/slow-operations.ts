// Logs operations that take longer than SLOW_OPERATION, with the statements that took the time, and never with their values.
import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import { recordOf } from "../http/request/record.ts";
import { fingerprintOf } from "../tracing/fingerprint.ts";
import { countStatements, type OperationStatements } from "../tracing/statements.ts";

export interface SlowOperation {
  /** Milliseconds. Null: none is logged, and no statement is counted. */
  readonly after: number | null;
  readonly logger: Logger;
}

export const withSlowLog = <Rest extends readonly unknown[], Value>(
  { after, logger }: SlowOperation,
  answer: (request: IncomingMessage, ...rest: Rest) => Promise<Value>,
): ((request: IncomingMessage, ...rest: Rest) => Promise<Value>) => {
  if (after === null) return answer;
  return async (request, ...rest) => {
    const began = performance.now();
    const statements: OperationStatements = { count: 0, slowest: [] };
    try {
      return await countStatements(statements, answer, request, ...rest);
    } finally {
      const duration = performance.now() - began;
      if (duration >= after) logger.warn(describe(request, duration, statements), "slow operation");
    }
  };
};

const describe = (request: IncomingMessage, duration: number, { count, slowest }: OperationStatements) => {
  const { id, traceId, root, operationName } = recordOf(request);
  return {
    requestId: id,
    trace_id: traceId,
    type: root?.label.type,
    fields: root?.fields,
    operationName,
    milliseconds: Math.round(duration),
    statements: count,
    slowest: slowest.map(({ sql, duration: took }) => {
      const { summary, digest } = fingerprintOf(sql);
      return { summary, fingerprint: digest, milliseconds: Math.round(took) };
    }),
  };
};
