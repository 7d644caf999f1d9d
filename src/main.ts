// The process: configuration, start, signals, exit code.
import { type Config, readConfig } from "./config.ts";
import { createLogger } from "./log.ts";
import { type RunningServer, startServer } from "./server.ts";
import { seconds } from "./time.ts";

/** Serves until SIGINT or SIGTERM. Throws an error of readable lines when it cannot start. */
export const main = async (): Promise<void> => {
  const config = readConfig();
  const logger = createLogger(config);
  const server = await startServer(config, logger);
  if (config.production)
    logger.info(
      { host: config.host, port: server.port, database: server.database.description },
      "Graphward serves",
    );
  else process.stdout.write(describeStart(config, server));

  const signal = await nextSignal();
  logger.info({ signal }, "stopping");
  // A second signal, or a close that hangs, must not keep the process: what is not acknowledged is not promised.
  process.once("SIGINT", () => process.exit(1)).once("SIGTERM", () => process.exit(1));
  setTimeout(() => process.exit(1), seconds(10)).unref();
  await server.close();
};

const nextSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
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
