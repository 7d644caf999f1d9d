// The process: reads the configuration, starts the server, handles signals, sets the exit code.
import type { Logger } from "pino";
import { type Config, readConfig } from "./config/config.ts";
import { describeForLog } from "./error-log.ts";
import { createLogger, openStandardOutput } from "./log.ts";
import { type RunningServer, startServer } from "./server.ts";
import { seconds } from "./time.ts";

/** Runs until SIGINT or SIGTERM. Throws an error with readable lines when it cannot start. */
export const main = async (): Promise<void> => {
  // Listen first: a signal during the start would leave the built-in database running.
  const signalled = untilSignal();
  const config = readConfig();
  const logger = createLogger(config, await openStandardOutput());
  endOnCrash(logger);
  const server = await startServer(config, logger);
  if (config.production)
    logger.info(
      { host: config.host, port: server.port, database: server.database.description },
      "Graphward started",
    );
  else process.stdout.write(describeStart(config, server));

  logger.info({ signal: await signalled }, "stopping");
  // A shutdown that hangs must not keep the process. Only acknowledged writes are promised.
  setTimeout(() => process.exit(1), seconds(10)).unref();
  await server.close();
};

/**
 * Node would print the text of an uncaught exception, which may hold secrets. Exits like Node: after one, the
 * state of the process is unknown.
 */
const endOnCrash = (logger: Logger): void => {
  const end = (error: unknown) => {
    logger.fatal({ error: describeForLog(error) }, "uncaught exception, exiting");
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
    process.on("SIGINT", handle).on("SIGTERM", handle);
  });

const describeStart = (config: Config, { port, database, firstAccount: account }: RunningServer): string => {
  const graphql = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}/graphql`;
  const address = config.publicUrl.hostname === "localhost" ? `http://localhost:${port}/graphql` : graphql;
  const next = config.explorer ? "open this URL in a browser" : "send it a query";
  const lines = [
    ["serving", address],
    ["database", database.description],
    ...(account ? [["account", `${account.username}, password ${account.password} (shown only once)`]] : []),
    ["next", `${next}; more users: npx graphward user create --help`],
  ];
  return `\nGraphward\n${lines.map(([name = "", text]) => `  ${name.padEnd(10)}${text}\n`).join("")}\n`;
};
