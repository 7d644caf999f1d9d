import { AggregatorRegistry, Counter, Registry } from "prom-client";
import { expect, test, vi } from "vitest";
import { listenForWorkers, type Reading } from "../../src/metrics/of-workers.ts";

/** What a worker has counted that has answered so many requests. */
const readingOf = async (requests: number): Promise<Reading> => {
  const registry = new Registry();
  new Counter({ name: "answered_total", help: "-", labelNames: ["field"], registers: [registry] }).inc(
    { field: "a" },
    requests,
  );
  return (await registry.getMetricsAsJSON()) as Reading;
};

test("workers that have ended stay one sum, however many they were: a scrape costs the same after years", async () => {
  let readings = new Map<number, Reading | null>();
  const listener = await listenForWorkers({ host: "127.0.0.1", port: 0 }, async () => readings);
  const aggregate = vi.spyOn(AggregatorRegistry, "aggregate");
  const scrape = async () => (await fetch(`http://127.0.0.1:${listener.port}/metrics`)).text();
  let text = "";
  for (let worker = 1; worker <= 20; worker += 1) {
    readings = new Map([[worker, await readingOf(worker)]]);
    text = await scrape();
  }
  expect(text).toContain('answered_total{field="a"} 210');
  const parts = aggregate.mock.calls.map(([given]) => given.flat().length);
  // The worker's, the sum of those that have ended, and what the primary process counts itself.
  expect(Math.max(...parts)).toBeLessThanOrEqual(3);
  // And one that does not answer in time keeps what it had.
  readings = new Map([[20, null]]);
  expect(await scrape()).toContain('answered_total{field="a"} 210');
  await listener.close();
});
