// The metrics of several workers as those of one server.
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { listenForScrapes, type MetricsListener } from "./listener.ts";

/** What a worker has counted, as its registry writes it. */
export type Reading = MetricObjectWithValues<MetricValue<string>>[];

/** By the numbers of the workers that serve now. Null: one has not answered. */
export type Readings = ReadonlyMap<number, Reading | null>;

/** Throws an error with a one-line message when the port is in use. */
export function listenForWorkers(
  place: { readonly host: string; readonly port: number },
  read: () => Promise<Readings>,
): Promise<MetricsListener> {
  const add = createSum();
  return listenForScrapes({
    ...place,
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    scrape: async () => AggregatorRegistry.aggregate(add(await read())).metrics(),
  });
}

/** Keeps what ended workers had counted: for Prometheus, a count that falls begins anew, and all of it would seem to be new. */
const createSum = (): ((readings: Readings) => Reading[]) => {
  const last = new Map<number, Reading>();
  let ended: Reading[] = [];
  return (readings) => {
    for (const [worker, reading] of last) {
      if (readings.has(worker)) continue;
      ended = [...ended, reading.filter(isCounted)];
      last.delete(worker);
    }
    for (const [worker, reading] of readings) if (reading !== null) last.set(worker, reading);
    return [...last.values(), ...ended];
  };
};

/** The type is a text, whatever the library's own types say. */
const isCounted = ({ type }: Reading[number]): boolean => ["counter", "histogram"].includes(String(type));
