// The process: reads the configuration, starts the server, handles signals, sets the exit code.
import type { Logger } from "pino";
import type { Application } from "./application/application.ts";
import { type Config, readConfig } from "./config/config.ts";
import { describeForLog } from "./error-log.ts";
import { createLogger, type Output, openStandardOutput } from "./log.ts";
import { type RunningServer, startServer } from "./server.ts";
import { seconds } from "./time.ts";

/** Runs until a signal. Throws an error with readable lines when it cannot start. */
export const main = async (application: Application): Promise<void> => {
  // Listen first: a signal during the start would leave the built-in database running.
  const stopping = new AbortController();
  let longestEnd = seconds(10);
  const signalled = untilSignal().then((signal) => {
    // A shutdown that hangs must not keep the process. Only acknowledged writes are promised.
    setTimeout(() => process.exit(1), longestEnd).unref();
    stopping.abort(new Error(`Stopped by ${signal}.`));
    return signal;
  });
  const config = readConfig(undefined, application.settings);
  longestEnd += config.shutdownDelay;
  const output = await openStandardOutput();
  const logger = application.logger ?? createLogger(config, output.lines);
  output.onRecovery = (lines) =>
    logger.error({ lines }, "log lines dropped, standard output did not take them");
  endOnCrash(logger, output);
  let server: RunningServer | null = null;
  try {
    server = await startServer(config, logger, { application, signal: stopping.signal });
    if (config.production)
      logger.info(
        { host: config.host, port: server.port, database: server.database.description },
        "Graphward started",
      );
    else output.write(describeStart(config, server));
    output.flush();
  } catch (error) {
    if (!stopping.signal.aborted) {
      await output.close(graceForLog);
      throw error;
    }
  }

  logger.info({ signal: await signalled }, "stopping");
  await server?.close();
  await output.close(graceForLog);
  // Lines that nobody reads, or a name that is being looked up, would keep the process.
  process.exit();
};

const graceForLog = seconds(1);

/**
 * Node would print the text of an uncaught exception, which may hold secrets. Exits like Node: after one, the
 * state of the process is unknown.
 */
const endOnCrash = (logger: Logger, output: Output): void => {
  const end = (error: unknown) => {
    logger.fatal({ error: describeForLog(error) }, "uncaught exception, exiting");
    output.writeNow(graceForLog);
    process.exit(1);
  };
  process.on("uncaughtException", end).on("unhandledRejection", end);
};

const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let first: number | undefined;
    const handle = (signal: NodeJS.Signals) => {
      // Under npm, Ctrl-C arrives twice, from the terminal and from npm; only a second one after a second means "now".
      if (first !== undefined && performance.now() - first > seconds(1)) process.exit(1);
      first ??= performance.now();
      resolve(signal);
    };
    // A terminal that is closed sends SIGHUP, and Ctrl-\ SIGQUIT, which would write our memory to a file.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.on(signal, handle);
  });

const describeStart = (config: Config, server: RunningServer): string => {
  const { port, database, firstAccount: account, hasUsers } = server;
  const graphql = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}/graphql`;
  const address = config.publicUrl.hostname === "localhost" ? `http://localhost:${port}/graphql` : graphql;
  const next = config.explorer ? "open this URL in a browser" : "send it a query";
  const lines = [
    ["serving", address],
    ["database", database.description],
    ...(account ? [["account", `${account.username}, password ${account.password} (shown only once)`]] : []),
    ...(hasUsers ? [] : [["account", `none yet: ${firstUser}`]]),
    ["next", hasUsers ? `${next}; more users: npx graphward user create --help` : next],
  ];
  return `\nGraphward\n${lines.map(([name = "", text]) => `  ${name.padEnd(10)}${text}\n`).join("")}\n`;
};

/** The database may be shared, so no administrator was created in it. */
const firstUser = "npx graphward user create --username admin --role ADMIN";
