// What Prometheus gets from a server: every text is searched for the secrets of the tests.
import { seconds } from "../../src/time.ts";
import { watchLog } from "./logs/logs.ts";
import type { App } from "./server.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Scrape {
  readonly text: string;
  readonly series: readonly Series[];
  /** The sum of the series that have these labels. Null: there is none. */
  valueOf(name: string, labels?: Labels): number | null;
}

/** A setting of a server that is scraped: any free port. */
export const withMetrics = { METRICS_PORT: "0" };

/** Less than the `scrape_timeout` that it has unless told. */
const patienceOfPrometheus = seconds(8);

export const scrape = async ({ server, origin }: Pick<App, "server" | "origin">): Promise<Scrape> => {
  const response = await fetch(`http://127.0.0.1:${server.metricsPort}/metrics`, {
    signal: AbortSignal.timeout(patienceOfPrometheus),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`/metrics answers ${response.status}: ${text}`);
  watchLog({ name: `a scrape of ${origin}`, read: () => text });
  const series = text.split("\n").flatMap(readLine);
  return {
    text,
    series,
    valueOf(name, labels = {}) {
      const found = series.filter(
        (one) =>
          one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
      );
      return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
};

/** How much a series has grown by what `act` does. */
export const growthBy = async (
  app: App,
  name: string,
  labels: Labels,
  act: () => Promise<unknown>,
): Promise<number> => {
  const before = (await scrape(app)).valueOf(name, labels) ?? 0;
  await act();
  return ((await scrape(app)).valueOf(name, labels) ?? 0) - before;
};

const readLine = (line: string): Series[] => {
  if (line === "" || line.startsWith("#")) return [];
  const [, name = "", labels = "", value = ""] =
    /^([a-z_0-9]+)(?:\{(.*)\})? (-?[\d.e+-]+|\+Inf|Nan)$/.exec(line) ?? [];
  if (name === "") throw new Error(`This is no line of Prometheus: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return [
    {
      name,
      labels: Object.fromEntries(pairs.map(([, label = "", text = ""]) => [label, text])),
      value: Number(value),
    },
  ];
};
