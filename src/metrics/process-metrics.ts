// Of prom-client's metrics of a process, those that say something about a server.
import { collectDefaultMetrics, Registry } from "prom-client";

/** The others list each handle or connection at every scrape. */
const chosen = [
  /^process_(cpu_user_seconds_total|cpu_system_seconds_total|cpu_seconds_total|start_time_seconds|resident_memory_bytes|open_fds|max_fds)$/,
  /^nodejs_eventloop_lag_(seconds|mean_seconds|p99_seconds|max_seconds)$/,
  /^nodejs_(heap_size_total_bytes|heap_size_used_bytes|external_memory_bytes|gc_duration_seconds|version_info)$/,
];

/** Once for a process: they observe it from now on, and cannot be stopped. */
let ofProcess: Registry | null = null;

export function addProcessMetrics(registry: Registry): void {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  for (const { name } of ofProcess.getMetricsAsArray()) {
    const metric = ofProcess.getSingleMetric(name);
    if (metric !== undefined && chosen.some((pattern) => pattern.test(name))) registry.registerMetric(metric);
  }
}
