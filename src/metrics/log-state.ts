// Lines that the log of this process has lost: while its reader is stuck, no line can report them.
import { Counter, type Registry } from "prom-client";
import { countDroppedLines } from "../log.ts";

export const addLogState = (registry: Registry): void => {
  new Counter({
    name: "graphward_log_lines_dropped_total",
    help: "Lines of the log that standard output did not take: its disk is full, or nobody reads it.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(countDroppedLines());
    },
  });
};
