// Those of prom-client's metrics of a process that say something about a server.
import { createRequire } from "node:module";
import { Registry } from "prom-client";

/**
 * The files of the library, because it starts all or none: the observer of garbage collections alone costs a request several per cent,
 * and others list each handle at every scrape.
 */
const files = [
  "processCpuTotal",
  "processStartTime",
  "osMemoryHeap",
  "processOpenFileDescriptors",
  "processMaxFileDescriptors",
  "eventLoopLag",
  "heapSizeAndUsed",
  "version",
] as const;

/** These files have them too, but they say the same twice, or nothing that an operator acts on. */
const left =
  /^(process_virtual_memory_bytes|process_heap_bytes|nodejs_eventloop_lag_(min|stddev|p50|p90)_seconds)$/;

/** Once for a process: they observe it from now on, and cannot be stopped. */
let ofProcess: Registry | null = null;

export function addProcessMetrics(registry: Registry): void {
  ofProcess ??= observeProcess();
  for (const { name } of ofProcess.getMetricsAsArray()) {
    const metric = ofProcess.getSingleMetric(name);
    if (metric !== undefined && !left.test(name)) registry.registerMetric(metric);
  }
}

type Observe = (registry: Registry, config: { readonly eventLoopMonitoringPrecision: number }) => void;

const observeProcess = (): Registry => {
  const registry = new Registry();
  const require = createRequire(import.meta.url);
  for (const file of files) {
    const observe = require(`prom-client/lib/metrics/${file}.js`) as Observe;
    // In milliseconds.
    observe(registry, { eventLoopMonitoringPrecision: 10 });
  }
  return registry;
};
