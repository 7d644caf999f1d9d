// The replica as this process sees it at the moment of a scrape. Without DATABASE_REPLICA_URL, there is nothing.
import { Counter, Gauge, type Registry } from "prom-client";
import type { Replica } from "../database/replica/open.ts";
import { seconds } from "../time.ts";

/** `findReplica`: null without one, and during the start. */
export const addReplicaState = (
  registry: Registry,
  findReplica: () => Pick<Replica, "readState"> | null,
): void => {
  const registers = [registry];
  const findState = () => findReplica()?.readState() ?? null;
  new Gauge({
    name: "graphward_replica_read",
    help: "1 while lists are read from the replica. 0: it is away, or behind by more than REPLICA_LAG, and the primary answers. Nothing without DATABASE_REPLICA_URL.",
    aggregator: "min",
    registers,
    collect() {
      this.remove();
      const state = findState();
      if (state !== null) this.set(state.isRead ? 1 : 0);
    },
  });
  new Gauge({
    name: "graphward_replica_lag_seconds",
    help: "How far the replica is behind, measured every second by a position in the log of the primary. Nothing while the replica is away.",
    aggregator: "max",
    registers,
    collect() {
      this.remove();
      const lag = findState()?.lag ?? null;
      if (lag !== null) this.set(lag / seconds(1));
    },
  });
  new Counter({
    name: "graphward_replica_lists_total",
    help: "Lists by the server that answered them: `replica`, or `primary` although there is a replica.",
    labelNames: ["server"],
    registers,
    collect() {
      this.reset();
      for (const [server, count] of Object.entries(findState()?.answered ?? {})) this.inc({ server }, count);
    },
  });
};
