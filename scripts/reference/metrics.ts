// docs/reference/metrics.md: every metric, from the registry that serves them.
import { buildSchema } from "graphql";
import { createMetrics } from "../../src/metrics/open.ts";
import { page, table } from "./page.ts";

export function metricsPage(): string {
  const { registry } = createMetrics(buildSchema("type Query { public: String }"));
  const rows = registry.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames } = metric as unknown as Described;
    return [`\`${name}\``, type, labelNames.map((label) => `\`${label}\``).join(", "), help];
  });
  return page("Metrics", "`src/metrics/`", [
    "What `GET /metrics` on [`METRICS_PORT`](settings.md#metrics_port) shows. [Metrics](../metrics.md) says how to use it.",
    table(["name", "type", "labels", "meaning"], rows),
  ]);
}

/** Public in prom-client's objects, and not in its types. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}
