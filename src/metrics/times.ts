// Histograms of the hot path: prom-client's own takes a microsecond to find the place of a value, ours a hundredth.
import type { Metric, Registry } from "prom-client";
import { seconds } from "../time.ts";

export interface Timer {
  /** Milliseconds. */
  add(duration: number): void;
}

interface Histogram {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Milliseconds. */
  readonly buckets: readonly number[];
}

interface Series extends Timer {
  readonly labels: Readonly<Record<string, string>>;
  /** One for each bucket, not yet added up, and one for what is longer. */
  readonly counts: Float64Array;
  readonly sum: number;
}

/** Returns what makes the timer of one set of labels: keep it. Only those that were used are shown. */
export const addTimes = (
  registry: Registry,
  { name, help, labelNames, buckets }: Histogram,
): ((labels: Readonly<Record<string, string>>) => Timer) => {
  const series: Series[] = [];
  const get = async () => ({
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    values: series.flatMap((one) => valuesOf(name, buckets, one)),
  });
  // What the registry asks of a metric. Its type names the classes of prom-client only.
  registry.registerMetric({ name, help, type: "histogram", labelNames, get } as unknown as Metric);
  return (labels) => {
    const one = createSeries(labels, buckets);
    series.push(one);
    return one;
  };
};

const createSeries = (labels: Series["labels"], buckets: readonly number[]): Series => {
  const counts = new Float64Array(buckets.length + 1);
  let sum = 0;
  return {
    labels,
    counts,
    get sum() {
      return sum;
    },
    add(duration) {
      let index = 0;
      while (index < buckets.length && duration > (buckets[index] ?? 0)) index += 1;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += duration;
    },
  };
};

const valuesOf = (name: string, buckets: readonly number[], { labels, counts, sum }: Series) => {
  let count = 0;
  const upTo = [...counts].map((more, index) => {
    count += more;
    const bucket = buckets[index];
    const le = bucket === undefined ? "+Inf" : String(bucket / seconds(1));
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  if (count === 0) return [];
  return [
    ...upTo,
    { metricName: `${name}_sum`, labels, value: sum / seconds(1) },
    { metricName: `${name}_count`, labels, value: count },
  ];
};
