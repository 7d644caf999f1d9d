// Metrics for Prometheus: what is counted, and the port where it is read.
import type { GraphQLSchema } from "graphql";
import { Registry } from "prom-client";
import type { OpenDatabase } from "../database/open.ts";
import type { Replica } from "../database/replica/open.ts";
import type { Meter } from "../meter.ts";
import { addDatabaseState } from "./database-state.ts";
import { listenForScrapes, type MetricsListener } from "./listener.ts";
import { addLogState } from "./log-state.ts";
import { addMemoryState, type ObservedStreams } from "./memory-state.ts";
import { createMeter } from "./meter.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import { addReplicaState } from "./replica-state.ts";

type ObservedDatabase = Pick<OpenDatabase, "readPools" | "background">;

type ObservedReplica = Pick<Replica, "readState">;

export interface Metrics {
  readonly meter: Meter;
  /** Throws an error with a one-line message when the port is in use. */
  listen(place: { readonly host: string; readonly port: number }): Promise<MetricsListener>;
  /** For another process, which adds up those of several. */
  read(): Promise<unknown>;
  /** From now on. Null: no more. */
  observe(database: ObservedDatabase | null, replica?: ObservedReplica | null): void;
  /** The same, once there are services. */
  observeStreams(streams: ObservedStreams | null): void;
}

/** Every metric that there is, for the server and for docs/reference/metrics.md. */
export function createMetrics(schema: GraphQLSchema): Metrics & { readonly registry: Registry } {
  const registry = new Registry();
  let database: ObservedDatabase | null = null;
  let replica: ObservedReplica | null = null;
  let streams: ObservedStreams | null = null;
  const meter = createMeter(registry, schema);
  addMemoryState(registry, {
    readPools() {
      const pool = replica?.readState().pool ?? null;
      return { ...database?.readPools(), ...(pool && { replica: pool }) };
    },
    findStreams: () => streams,
  });
  addReplicaState(registry, () => replica);
  const readDatabase = addDatabaseState(registry, () => database?.background ?? null);
  addProcessMetrics(registry);
  addLogState(registry);
  const scrape = async () => {
    await readDatabase();
    return registry.metrics();
  };
  const read = async () => {
    await readDatabase();
    return registry.getMetricsAsJSON();
  };
  return {
    meter,
    registry,
    read,
    listen: (place) => listenForScrapes({ ...place, contentType: registry.contentType, scrape }),
    observe(observed, observedReplica = null) {
      database = observed;
      replica = observedReplica;
    },
    observeStreams(observed) {
      streams = observed;
    },
  };
}
