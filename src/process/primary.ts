// The primary process of several workers: signals, one log, the exit code. It serves nothing itself.
import type { Application } from "../application/application.ts";
import { type Config, readConfig, unloadedEnvironment } from "../config/config.ts";
import { createLogger, openStandardOutput, tellOfDroppedLines } from "../log.ts";
import type { Readings } from "../metrics/of-workers.ts";
import { seconds } from "../time.ts";
import { endOnCrash, graceForLog } from "./crash.ts";
import { allEnds, untilSignal } from "./signals.ts";
import { createWorkers, type Workers } from "./workers.ts";

/** Runs until a signal, or until no worker can serve. */
export async function supervise(load: () => Promise<Application>): Promise<void> {
  const config = await readOwnConfig(load);
  const output = await openStandardOutput();
  const logger = createLogger(config, output.lines);
  tellOfDroppedLines(logger, output);
  endOnCrash(logger, output);
  const { workers: count, hashesAtOnce } = config;
  const workers = createWorkers({ count, hashesAtOnce, logger, write: output.writeLines });
  const end = async (status: number): Promise<never> => {
    await output.close(graceForLog);
    process.exit(status);
  };
  const killAll = () => {
    workers.kill();
    process.exit(1);
  };

  // Without a terminal, whose end it would be, SIGHUP asks for new workers, as with other servers.
  const isTerminal = process.stdout.isTTY === true;
  const signalled = untilSignal(
    allEnds.filter((signal) => isTerminal || signal !== "SIGHUP"),
    killAll,
  );
  // Before the workers, so that a start that waits can be seen.
  if (config.metricsPort !== null) await listenForMetrics(workers, { ...config, port: config.metricsPort });
  const running = workers.run();
  let reloading = Promise.resolve();
  if (!isTerminal)
    process.on("SIGHUP", () => {
      reloading = reloading.then(() => workers.reload());
    });

  try {
    await Promise.race([signalled, running]);
  } catch {
    // The worker's own line is on standard error.
    await workers.stop();
    return end(1);
  }
  running.catch(() => undefined);
  logger.info({ signal: await signalled }, "stopping the workers");
  // Each ends itself by then, whatever hangs.
  setTimeout(killAll, seconds(12) + config.shutdownDelay).unref();
  await workers.stop();
  return end(0);
}

/** prom-client is loaded only when metrics are on. It closes with the process. */
const listenForMetrics = async (
  workers: Workers,
  { metricsHost: host, port }: Pick<Config, "metricsHost" | "port">,
): Promise<void> => {
  const { listenForWorkers } = await import("../metrics/of-workers.ts");
  await listenForWorkers({ host, port }, async () => (await workers.readAll()) as Readings);
};

/** The application is loaded only to report the problems of its settings with ours: the workers are what runs it. */
const readOwnConfig = async (load: () => Promise<Application>): Promise<Config> => {
  try {
    return readConfig(unloadedEnvironment());
  } catch {
    return readConfig(unloadedEnvironment(), (await load()).settings);
  }
};
