// The metrics of several workers as those of one server.
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { listenForScrapes, type MetricsListener } from "./listener.ts";
import { addLogState } from "./log-state.ts";

/** What a worker has counted, as its registry writes it. */
export type Reading = MetricObjectWithValues<MetricValue<string>>[];

/** By the numbers of the workers that serve now. Null: one has not answered. */
export type Readings = ReadonlyMap<number, Reading | null>;

/** Throws an error with a one-line message when the port is in use. */
export function listenForWorkers(
  place: { readonly host: string; readonly port: number },
  read: () => Promise<Readings>,
): Promise<MetricsListener> {
  const sum = createSum();
  // The lines of all workers leave by this process.
  const own = new Registry();
  addLogState(own);
  const readOwn = async () => (await own.getMetricsAsJSON()) as Reading;
  return listenForScrapes({
    ...place,
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    scrape: async () =>
      AggregatorRegistry.aggregate([...(await sum(await read())), await readOwn()]).metrics(),
  });
}

/** Keeps what ended workers had counted: for Prometheus, a count that falls begins anew, and all of it would seem to be new. */
const createSum = (): ((readings: Readings) => Promise<Reading[]>) => {
  const last = new Map<number, Reading>();
  let ended: Promise<Reading> = Promise.resolve([]);
  return async (readings) => {
    const gone = [...last].filter(([worker]) => !readings.has(worker));
    for (const [worker] of gone) last.delete(worker);
    for (const [worker, reading] of readings) if (reading !== null) last.set(worker, reading);
    const counted = gone.map(([, reading]) => reading.filter(isCounted));
    // One sum: workers may end for years, and each reading kept would make every scrape slower.
    if (counted.length > 0) ended = ended.then((sum) => add([sum, ...counted]));
    return [...last.values(), await ended];
  };
};

const add = async (readings: Reading[]): Promise<Reading> =>
  (await AggregatorRegistry.aggregate(readings).getMetricsAsJSON()) as Reading;

/** The type is a text, whatever the library's own types say. */
const isCounted = ({ type }: Reading[number]): boolean => ["counter", "histogram"].includes(String(type));
