// What is told of each statement: a span inside a trace, and its time for the log of slow operations. Nothing while both are off.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "@opentelemetry/api";
import { fingerprintOf } from "./fingerprint.ts";
import { tracing } from "./open-telemetry.ts";
import { failSpan } from "./spans.ts";

export interface TimedStatement {
  readonly sql: string;
  /** Milliseconds. */
  readonly duration: number;
}

/** The statements of one operation. */
export interface OperationStatements {
  count: number;
  /** The slowest first. */
  readonly slowest: TimedStatement[];
}

const maxSlowest = 3;

let operations: AsyncLocalStorage<OperationStatements> | null = null;

/** Runs `work` and counts its statements. Call it only where somebody wants to know: from the first call on, each statement asks. */
export const countStatements = <Args extends readonly unknown[], Value>(
  statements: OperationStatements,
  work: (...args: Args) => Value,
  ...args: Args
): Value => {
  operations ??= new AsyncLocalStorage();
  return operations.run(statements, work, ...args);
};

/** `query`: the first argument of the driver's. Null: nobody wants to know. */
export const beginStatement = (query: unknown): RunningStatement | null => {
  const operation = operations?.getStore();
  if (operation === undefined && tracing === null) return null;
  const sql = textOf(query);
  const span = tracing === null ? null : startSpan(sql);
  return operation === undefined && span === null ? null : new RunningStatement(sql, operation, span);
};

const textOf = (query: unknown): string => {
  if (typeof query === "string") return query;
  return typeof query === "object" && query !== null && "text" in query ? String(query.text) : "";
};

/** Only inside a span: background work would be a trace for each statement. */
const startSpan = (sql: string): Span | null => {
  if (tracing?.api.trace.getActiveSpan()?.isRecording() !== true) return null;
  const { operation, summary, digest } = fingerprintOf(sql);
  return tracing.tracer.startSpan(summary, {
    kind: tracing.api.SpanKind.CLIENT,
    attributes: {
      "db.system.name": "postgresql",
      "db.operation.name": operation,
      "db.query.summary": summary,
      "graphward.sql.fingerprint": digest,
    },
  });
};

/** A class, because each statement makes one. */
class RunningStatement {
  readonly #sql: string;
  readonly #operation: OperationStatements | undefined;
  readonly #span: Span | null;
  readonly #began = performance.now();

  constructor(sql: string, operation: OperationStatements | undefined, span: Span | null) {
    this.#sql = sql;
    this.#operation = operation;
    this.#span = span;
  }

  end(error: unknown = null): void {
    if (this.#operation !== undefined) keep(this.#operation, this.#sql, performance.now() - this.#began);
    if (this.#span === null) return;
    if (error !== null) failSpan(this.#span, error);
    this.#span.end();
  }
}

const keep = (operation: OperationStatements, sql: string, duration: number): void => {
  operation.count += 1;
  const { slowest } = operation;
  let index = slowest.length;
  while (index > 0 && duration > (slowest[index - 1]?.duration ?? 0)) index -= 1;
  if (index >= maxSlowest) return;
  slowest.splice(index, 0, { sql, duration });
  if (slowest.length > maxSlowest) slowest.pop();
};
