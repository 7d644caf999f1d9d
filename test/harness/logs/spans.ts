// `npm run test:with-traces`: all servers of the tests record spans, which are searched like their logs. Import it before anything of ours.
import { NodeTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-node";

const written: string[] = [];

const keep: SpanProcessor = {
  onStart: () => undefined,
  onEnd: ({ name, attributes, status, events, resource }) =>
    void written.push(JSON.stringify({ name, attributes, status, events, resource: resource.attributes })),
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};

// A worker runs many files with one copy of our modules, which have decided once whether there is an SDK.
const isAsked = process.env.WITH_TRACES !== undefined;
if (isAsked) new NodeTracerProvider({ spanProcessors: [keep] }).register();

/** Those of this file: call it before and after its tests. */
export const takeSpans = (): string => written.splice(0).join("\n");
