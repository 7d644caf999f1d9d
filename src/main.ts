// The program: one process that serves, or a primary process with workers.
import cluster from "node:cluster";
import type { Application } from "./application/application.ts";
import { readWorkers } from "./config/config.ts";

/** Runs until a signal. Throws an error with readable lines when it cannot start. */
export const main = async (load: () => Promise<Application>): Promise<void> => {
  if (cluster.isPrimary && readWorkers() > 1) {
    const { supervise } = await import("./process/primary.ts");
    return supervise(load);
  }
  const { serve } = await import("./process/serve.ts");
  return serve(await load());
};
