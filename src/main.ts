// The process: configuration, start, signals, exit code.
import type { Logger } from "pino";
import { type Config, readConfig } from "./config/config.ts";
import { describeForLog } from "./error-log.ts";
import { createLogger, openStandardOutput } from "./log.ts";
import { type RunningServer, startServer } from "./server.ts";
import { seconds } from "./time.ts";

/** Serves until SIGINT or SIGTERM. Throws an error of readable lines when it cannot start. */
export const main = async (): Promise<void> => {
  // From the first moment: a signal during the start would leave the built-in database running.
  const signalled = untilSignal();
  const config = readConfig();
  const logger = createLogger(config, await openStandardOutput());
  endOnCrash(logger);
  const server = await startServer(config, logger);
  if (config.production)
    logger.info(
      { host: config.host, port: server.port, database: server.database.description },
      "Graphward serves",
    );
  else process.stdout.write(describeStart(config, server));

  logger.info({ signal: await signalled }, "stopping");
  // A close that hangs must not keep the process: what is not acknowledged is not promised.
  setTimeout(() => process.exit(1), seconds(10)).unref();
  await server.close();
};

/** Node would print the text of what nobody caught, which may hold what no log may, and exit as well: nothing is sure any more. */
const endOnCrash = (logger: Logger): void => {
  const end = (error: unknown) => {
    logger.fatal({ error: describeForLog(error) }, "nobody caught this: the server ends");
    process.exit(1);
  };
  process.on("uncaughtException", end).on("unhandledRejection", end);
};

const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let first: number | undefined;
    const handle = (signal: NodeJS.Signals) => {
      // Ctrl-C under npm comes twice, from the terminal and passed on by npm; only a later one is impatience.
      if (first !== undefined && performance.now() - first > seconds(1)) process.exit(1);
      first ??= performance.now();
      resolve(signal);
    };
    process.on("SIGINT", handle).on("SIGTERM", handle);
  });

const describeStart = (config: Config, { port, database, firstAccount: account }: RunningServer): string => {
  const graphql = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}/graphql`;
  const address = config.publicUrl.hostname === "localhost" ? `http://localhost:${port}/graphql` : graphql;
  const next = config.explorer ? "open that address in a browser" : "send it a query";
  const lines = [
    ["serving", address],
    ["database", database.description],
    ...(account ? [["account", `${account.username}, password ${account.password} (shown this once)`]] : []),
    ["next", `${next}; more accounts: npx graphward user create --help`],
  ];
  return `\nGraphward\n${lines.map(([name = "", text]) => `  ${name.padEnd(10)}${text}\n`).join("")}\n`;
};
