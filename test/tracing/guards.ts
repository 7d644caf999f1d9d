// Security rules of traces and slow operations: what leaves for another system, and whose trace a request joins.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Traces";

const closedSets =
  "traces: spans hold names and codes from closed sets: no user, address, variable, SQL or text of an error";

export const rules: readonly Rule[] = [
  [
    "Spans hold names and codes from closed sets and ids; no user, address, variable, SQL text, value or text of an error. `npm run test:with-traces` searches the spans of all tests for what they sent and received",
    "V16.2.5, V14.2.4",
    closedSets,
    "fingerprint: a fingerprint has no value in it:",
  ],
  [
    "A request joins the trace of a trusted proxy only, and a trace id leaves for this machine and for mail jobs only",
    "V16.4.1, V14.2.3",
    "traces: each of several workers records, and without TRUST_PROXY no client puts its request into a trace",
    "traces: the trace does not go out to a service of others",
    "log/request-ids: the trace of a client, or of a proxy that TRUST_PROXY does not name, is ignored",
  ],
  [
    "An operation above `SLOW_OPERATION` is one line, with its statements' fingerprints and no value",
    "V16.2.5",
    "slow-operations: an operation that takes longer is a line with what took the time, and no value",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/tracing/spans.ts",
    'span.setAttribute("error.type", typeof error === "string" ? error : typeOf(error));',
    "span.recordException(error as Error);",
    closedSets,
    "built",
  ],
  [
    "src/http/request/span.ts",
    'path === "/graphql" ? `${known} /graphql` : known,',
    "`${known} ${path}`,",
    "traces: a refusal is in its span by codes, and only what is ours counts as an error",
    "built",
  ],
  [
    "src/http/request/span.ts",
    "const path = loggedPathOf(url);",
    "const path = url;",
    "traces: a refusal is in its span by codes, and only what is ours counts as an error",
    "built",
  ],
  [
    "src/http/request/span.ts",
    "if (isFromProxy(request)) takeIds(record, request);",
    "takeIds(record, request);",
    "traces: each of several workers records, and without TRUST_PROXY no client puts its request into a trace",
    "built",
  ],
  [
    "src/auth/passwords/breached.ts",
    "...(leavesTheMachine(url) ? {} : currentTraceHeaders()),",
    "...currentTraceHeaders(),",
    "traces: the trace does not go out to a service of others",
    "built",
  ],
  [
    "src/auth/outgoing-mail.ts",
    "...mail, ...currentTraceHeaders()",
    "...mail",
    "traces: a mail continues the trace of its request, and its lines have the id",
    "built",
  ],
  [
    "src/process/serve.ts",
    "  await flushSpans(graceForSpans);\n",
    "",
    "traces: the last requests before a signal are exported",
    "built",
  ],
  [
    "src/tracing/open-telemetry.ts",
    "if (!hasSdk) return null;",
    "void hasSdk;",
    "traces: without an SDK, nothing of OpenTelemetry is loaded, and a traced function is itself",
    "built",
  ],
  [
    "src/tracing/fingerprint.ts",
    "const text = withoutValues(sql);",
    "const text = sql;",
    "fingerprint: a fingerprint has no value in it:",
  ],
  [
    "src/graphql/slow-operations.ts",
    "if (after === null) return answer;",
    "after ??= 0;",
    "slow-operations: with off, no statement is counted and nothing is logged",
  ],
  [
    "src/graphql/slow-operations.ts",
    "return { summary, fingerprint: digest, milliseconds: Math.round(took) };",
    "return { summary: sql, fingerprint: digest, milliseconds: Math.round(took) };",
    "slow-operations: an operation that takes longer is a line with what took the time, and no value",
  ],
  [
    "src/graphql/slow-operations.ts",
    "if (duration >= after)",
    "if (duration >= 0)",
    "slow-operations: a faster one is none",
  ],
];
