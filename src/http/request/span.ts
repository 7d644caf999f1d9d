// The span of a request: without an SDK, the listener stays itself.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Span } from "@opentelemetry/api";
import { isErrorCode } from "../../errors.ts";
import { tracing } from "../../tracing/open-telemetry.ts";
import { failSpan } from "../../tracing/spans.ts";
import { readTraceparent } from "../../tracing/traceparent.ts";
import { loggedPathOf } from "./log.ts";
import { type RequestRecord, recordOf, takeIds, whenOver } from "./record.ts";

export const traceRequests = (
  listener: RequestListener,
  {
    isFromProxy,
    scheme,
  }: { readonly isFromProxy: (request: IncomingMessage) => boolean; readonly scheme: string },
): RequestListener => {
  if (tracing === null) return listener;
  const { api, tracer } = tracing;
  return (request, response) => {
    const { method = "", url = "" } = request;
    const record = recordOf(request);
    if (isFromProxy(request)) takeIds(record, request);
    const remote = readTraceparent(record.traceparent ?? "");
    const around = api.context.active();
    const parent = remote === null ? around : api.trace.setSpanContext(around, remote);
    const path = loggedPathOf(url);
    const known = knownMethods.has(method) ? method : "_OTHER";
    const span = tracer.startSpan(
      // No other path: a client chooses it, and each would be a name.
      path === "/graphql" ? `${known} /graphql` : known,
      {
        kind: api.SpanKind.SERVER,
        attributes: {
          "http.request.method": known,
          "url.path": path,
          "url.scheme": scheme,
          "graphward.request_id": record.id,
        },
      },
      parent,
    );
    record.traceId = span.spanContext().traceId;
    response.on("close", () => whenOver(record, response, () => conclude(span, response, record)));
    api.context.with(api.trace.setSpan(parent, span), listener, undefined, request, response);
  };
};

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans: those of RFC 9110, and PATCH. */
const knownMethods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
]);

/** No address and no user: a span leaves for another system, and the line of the log with its `trace_id` has both. */
const conclude = (span: Span, response: ServerResponse, { outcomes }: RequestRecord): void => {
  const { statusCode, headersSent } = response;
  if (headersSent) span.setAttribute("http.response.status_code", statusCode);
  if (outcomes.size > 0)
    span.setAttribute(
      "graphward.outcomes",
      [...outcomes].map((code) => (isErrorCode(code) ? code : "other")),
    );
  if (headersSent && statusCode >= 500) failSpan(span, String(statusCode));
  span.end();
};
