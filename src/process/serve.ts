// A process that serves, alone or as one of several workers: reads the configuration, starts the server, sets the exit code.
import type { Application } from "../application/application.ts";
import { limitHashing, shareHashing } from "../auth/passwords/hash-queue.ts";
import { type Config, readConfig } from "../config/config.ts";
import { createLogger, openStandardOutput, tellOfDroppedLines } from "../log.ts";
import { type RunningServer, startServer } from "../server.ts";
import { seconds } from "../time.ts";
import { flushSpans, hasSdk, tracing } from "../tracing/open-telemetry.ts";
import { endOnCrash, graceForLog } from "./crash.ts";
import { allEnds, untilSignal } from "./signals.ts";
import { findWorkerSide, type WorkerSide } from "./worker.ts";

/** Runs until a signal. Throws an error with readable lines when it cannot start. */
export async function serve(application: Application): Promise<void> {
  const worker = findWorkerSide();
  try {
    await serveUntilEnd(application, worker);
  } catch (error) {
    worker?.letEnd();
    throw error;
  }
}

const serveUntilEnd = async (application: Application, worker: WorkerSide | null): Promise<void> => {
  // Listen first: a signal during the start would leave the built-in database running.
  const stopping = new AbortController();
  let longestEnd = seconds(10);
  const ended = untilEnd(worker).then((end) => {
    // A shutdown that hangs must not keep the process. Only acknowledged writes are promised.
    setTimeout(() => process.exit(1), longestEnd).unref();
    stopping.abort(new Error(`Stopped by ${end.reason}.`));
    return end;
  });
  const config = readConfig(undefined, application.settings);
  longestEnd += config.shutdownDelay;
  const output = await openStandardOutput();
  const ownLogger = application.logger ?? createLogger(config, output.lines);
  // In each line, that of a request too: one log has the lines of all workers.
  const logger = worker === null ? ownLogger : ownLogger.child({ worker: worker.id });
  tellOfDroppedLines(logger, output);
  endOnCrash(logger, output);
  if (tracing !== null) logger.info("OpenTelemetry SDK found: traces are recorded");
  else if (hasSdk) logger.warn("OpenTelemetry SDK ignored: its @opentelemetry/api is older than 1.9");
  if (worker === null) limitHashing(config.hashesAtOnce);
  else shareHashing(worker.openHashPermits);
  let server: RunningServer | null = null;
  try {
    server = await startServer(config, logger, {
      application,
      signal: stopping.signal,
      ...(worker && { handOverMetrics: worker.answerScrapes, othersServe: worker.othersServe }),
    });
    if (config.production)
      logger.info(
        { host: config.host, port: server.port, database: server.database.description },
        "Graphward started",
      );
    else if (worker === null || worker.isFirst) output.write(describeStart(config, server));
    output.flush();
    worker?.tellServed();
  } catch (error) {
    if (!stopping.signal.aborted) {
      await output.close(graceForLog);
      throw error;
    }
  }

  const { reason, isReplaced } = await ended;
  logger.info({ signal: reason }, "stopping");
  await server?.close({ isReplaced });
  await flushSpans(graceForSpans);
  await output.close(graceForLog);
  // Lines that nobody reads, or a name that is being looked up, would keep the process.
  process.exit();
};

/** Within what `longestEnd` leaves for the database and the log. */
const graceForSpans = seconds(1);

interface End {
  readonly reason: string;
  /** Another process serves on at this address. */
  readonly isReplaced: boolean;
}

const untilEnd = (worker: WorkerSide | null): Promise<End> => {
  const bySignal = (signals: readonly NodeJS.Signals[]) =>
    untilSignal(signals, () => process.exit(1)).then((reason) => ({ reason, isReplaced: false }));
  if (worker === null) return bySignal(allEnds);
  // A terminal sends its signals to all processes: of these, the primary process makes one SIGTERM.
  for (const signal of allEnds) process.on(signal, () => undefined);
  return Promise.race([
    bySignal(["SIGTERM"]),
    worker.untilReplaced().then(() => ({ reason: "replaced", isReplaced: true })),
    worker.untilAlone().then(() => ({ reason: "the primary process is gone", isReplaced: false })),
  ]);
};

const describeStart = (config: Config, server: RunningServer): string => {
  const { port, database, firstAccount: account, hasUsers } = server;
  const graphql = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}/graphql`;
  const address = config.publicUrl.hostname === "localhost" ? `http://localhost:${port}/graphql` : graphql;
  const next = config.explorer ? "open this URL in a browser" : "send it a query";
  const lines = [
    ["serving", `${address}${config.workers > 1 ? `, by ${config.workers} workers` : ""}`],
    ["database", database.description],
    ...(account ? [["account", `${account.username}, password ${account.password} (shown only once)`]] : []),
    ...(hasUsers ? [] : [["account", `none yet: ${firstUser}`]]),
    ["next", hasUsers ? `${next}; more users: npx graphward user create --help` : next],
  ];
  return `\nGraphward\n${lines.map(([name = "", text]) => `  ${name.padEnd(10)}${text}\n`).join("")}\n`;
};

/** The database may be shared, so no administrator was created in it. */
const firstUser = "npx graphward user create --username admin --role ADMIN";
