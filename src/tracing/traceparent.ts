// The header of W3C Trace Context, in and out.
import type { SpanContext } from "@opentelemetry/api";
import { tracing } from "./open-telemetry.ts";

/** https://www.w3.org/TR/trace-context/#traceparent-header: neither version ff nor ids of zeros are valid. */
const wellFormed = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The text itself, if it is one. */
export const findTraceparent = (text: unknown): string | undefined =>
  typeof text === "string" && wellFormed.test(text) ? text : undefined;

/** For log lines. */
export const traceIdIn = (traceparent: string | undefined): string | undefined => traceparent?.slice(3, 35);

/** For the parent of a span. */
export const readTraceparent = (text: string): SpanContext | null => {
  const [, traceId, spanId, flags] = wellFormed.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
};

/** The header for the span that runs now. Undefined: there is none. */
export const currentTraceparent = (): string | undefined => {
  const context = tracing?.api.trace.getActiveSpan()?.spanContext();
  if (context === undefined) return undefined;
  return `00-${context.traceId}-${context.spanId}-0${context.traceFlags & 1}`;
};

/** The same as the headers of a request to a system of the operator's own. */
export const currentTraceHeaders = (): { readonly traceparent?: string } => {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? {} : { traceparent };
};
