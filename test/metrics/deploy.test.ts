import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/open.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(root, path), "utf8");

const { registry } = createMetrics(buildSchema("type Query { public: String }"));
const metrics = registry.getMetricsAsArray() as unknown as readonly Known[];
interface Known {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly type: string;
}

/** Added by Prometheus itself, and by histograms. */
const everywhere = ["job", "instance", "le"];

/** The metric of a series: histograms have three. */
const metricOf = (series: string): Known | undefined =>
  metrics.find(
    ({ name, type }) =>
      name === series || (type === "histogram" && series.replace(/_(bucket|sum|count)$/, "") === name),
  );

const wrongIn = (text: string): readonly string[] => {
  const selectors = [...text.matchAll(/\b((?:graphward|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)];
  expect(selectors.length).toBeGreaterThan(10);
  return selectors.flatMap(([all, name = "", labels = ""]) => {
    const metric = metricOf(name);
    if (metric === undefined) return [all];
    const used = [...labels.matchAll(/(\w+)\s*=/g)].map(([, label = ""]) => label);
    return used.every((label) => [...everywhere, ...metric.labelNames].includes(label)) ? [] : [all];
  });
};

test("the alerts name metrics and labels that there are", async () => {
  expect(wrongIn(await read("deploy/prometheus/alerts.yml"))).toEqual([]);
});

test("so does the dashboard, and it shows every metric of Graphward's own", async () => {
  const dashboard = await read("deploy/grafana/graphward.json");
  const { panels } = JSON.parse(dashboard) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  };
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
  expect(wrongIn(shown)).toEqual([]);
  const own = metrics.filter(({ name }) => name.startsWith("graphward_"));
  expect(own.filter(({ name }) => !shown.includes(name)).map(({ name }) => name)).toEqual([]);
});

test("docs/metrics.md has a row for each alert, and no other", async () => {
  const alerts = [...(await read("deploy/prometheus/alerts.yml")).matchAll(/- alert: (\w+)/g)];
  const rows = [...(await read("docs/metrics.md")).matchAll(/^\| `(Graphward\w+)` \|/gm)];
  expect(rows.map(([, name]) => name)).toEqual(alerts.map(([, name]) => name));
});
