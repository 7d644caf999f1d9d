// The line below the table: numbers need the machine and the method to mean anything.
import { availableParallelism, cpus } from "node:os";
import { seconds } from "../src/time.ts";
import type { Cores } from "./cores.ts";
import type { Options } from "./options.ts";

export const describeMachine = (cores: Cores, { duration, rounds }: Options): string =>
  [
    `cores: ${availableParallelism()} (${cpus()[0]?.model.trim() ?? "unknown"})`,
    `Node ${process.versions.node}`,
    `rounds: ${rounds} of ${duration / seconds(1)} s, medians`,
    cores.server === null
      ? "not pinned: server and load share the cores, so expect noise"
      : `each server and its database on core ${cores.server}, load on core ${cores.load}`,
  ].join("; ");
