// Spans around functions: without an SDK, a function stays itself.
import type { Attributes, Span, SpanKind } from "@opentelemetry/api";
import { tracing } from "./open-telemetry.ts";
import { readTraceparent } from "./traceparent.ts";

export interface SpanOf<Args extends readonly unknown[], Value> {
  /** From a closed set: it is how people group spans. */
  readonly name: string;
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: (...args: Args) => Attributes;
  /** When it has ended well. */
  readonly conclude?: (span: Span, value: Value, ...args: Args) => void;
}

/** What runs outside a recorded span, such as a command, gets none. */
export const inSpan = <Args extends readonly unknown[], Value>(
  about: SpanOf<Args, Value>,
  work: (...args: Args) => Promise<Value>,
): ((...args: Args) => Promise<Value>) => {
  if (tracing === null) return work;
  const { trace } = tracing.api;
  const traced = runIn(about, work);
  return (...args) => (trace.getActiveSpan()?.isRecording() === true ? traced(...args) : work(...args));
};

/** A trace of its own, or the continuation of the one that `traceparentOf` finds. */
export const inRootSpan = <Args extends readonly unknown[], Value>(
  about: SpanOf<Args, Value>,
  traceparentOf: ((...args: Args) => string | undefined) | null,
  work: (...args: Args) => Promise<Value>,
): ((...args: Args) => Promise<Value>) => {
  if (tracing === null) return work;
  const { context, trace, ROOT_CONTEXT } = tracing.api;
  const traced = runIn(about, work);
  return (...args) => {
    const parent = readTraceparent(traceparentOf?.(...args) ?? "");
    const root = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    return context.with(root, traced, undefined, ...args);
  };
};

const runIn =
  <Args extends readonly unknown[], Value>(
    { name, kind = "INTERNAL", attributes, conclude }: SpanOf<Args, Value>,
    work: (...args: Args) => Promise<Value>,
  ) =>
  (...args: Args): Promise<Value> => {
    if (tracing === null) return work(...args);
    const options = { kind: tracing.api.SpanKind[kind], attributes: attributes?.(...args) ?? {} };
    return tracing.tracer.startActiveSpan(name, options, async (span) => {
      try {
        const value = await work(...args);
        conclude?.(span, value, ...args);
        return value;
      } catch (error) {
        failSpan(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  };

/** `error`: what was thrown, or a code. Never its message or stack, which `recordException` would take: they may hold values. */
export const failSpan = (span: Span, error: unknown): void => {
  if (tracing === null) return;
  span.setStatus({ code: tracing.api.SpanStatusCode.ERROR });
  span.setAttribute("error.type", typeof error === "string" ? error : typeOf(error));
};

/** A code of the error table, of PostgreSQL or of Node; otherwise the class. */
const typeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "_OTHER";
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && /^\w{1,40}$/.test(code) ? code : error.constructor.name;
};

/** For lines that are written while a span runs. */
export const currentTraceId = (): string | undefined =>
  tracing?.api.trace.getActiveSpan()?.spanContext().traceId;
