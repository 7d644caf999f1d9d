// A local receiver of traces (OTLP over HTTP, in JSON): every text that it gets is searched for the secrets of the tests.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { watchLog } from "./logs/logs.ts";

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** 2: server. 3: client. 5: consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2: an error. */
  readonly status: number;
  /** Its text, which nothing of ours sets. */
  readonly statusText: string | undefined;
  readonly events: readonly unknown[];
  readonly service: unknown;
  /** Milliseconds. */
  readonly duration: number;
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** As they came. */
  text(): string;
  close(): Promise<void>;
}

export const startCollector = async (): Promise<Collector> => {
  const spans: ReceivedSpan[] = [];
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    const batch = (await json(request)) as Batch;
    texts.push(JSON.stringify(batch));
    spans.push(...spansIn(batch));
    response.setHeader("content-type", "application/json").end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  watchLog({ name: `the spans at ${url}`, read: () => texts.join("\n") });
  return {
    url,
    spans,
    text: () => texts.join("\n"),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

interface Value {
  readonly [kind: string]: unknown;
  readonly arrayValue?: { readonly values: readonly Value[] };
}
type Attributes = readonly { readonly key: string; readonly value: Value }[];

interface Batch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}

interface RawSpan extends Omit<ReceivedSpan, "attributes" | "status" | "events"> {
  readonly attributes: Attributes;
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly events?: readonly unknown[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

const spansIn = ({ resourceSpans }: Batch): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ name, traceId, spanId, parentSpanId, kind, attributes, status, events, ...times }) => ({
        name,
        traceId,
        spanId,
        ...(parentSpanId && { parentSpanId }),
        kind,
        attributes: readAll(attributes),
        status: status?.code ?? 0,
        statusText: status?.message,
        events: events ?? [],
        service: readAll(resource.attributes)["service.name"],
        duration: Number(BigInt(times.endTimeUnixNano) - BigInt(times.startTimeUnixNano)) / 1e6,
      })),
  );

const readAll = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));

const readValue = (value: Value): unknown =>
  value.arrayValue ? value.arrayValue.values.map(readValue) : Object.values(value)[0];
