// The port of metrics: answers GET /metrics, and nothing else.
import { createServer, type ServerResponse } from "node:http";
import { seconds } from "../time.ts";

export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}

interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly contentType: string;
  readonly scrape: () => Promise<string>;
}

/** A few scrapers. Others must not use up the descriptors of the server. */
const maxConnections = 32;
const graceForScrapes = seconds(3);

/** Throws an error with a one-line message when the port is in use. */
export const listenForScrapes = async ({
  host,
  port,
  contentType,
  scrape,
}: ListenerOptions): Promise<MetricsListener> => {
  let running: Promise<string> | null = null;
  /** Scrapers at the same moment get one text: many of them cost no more than one. */
  const scrapeOnce = (): Promise<string> => {
    running ??= scrape().finally(() => {
      running = null;
    });
    return running;
  };
  const answer = (response: ServerResponse) =>
    scrapeOnce().then(
      (text) => response.writeHead(200, { "content-type": contentType, ...headersOfAll }).end(text),
      () => response.writeHead(500, headersOfAll).end(),
    );

  const server = createServer(
    { headersTimeout: seconds(5), requestTimeout: seconds(5), connectionsCheckingInterval: seconds(1) },
    ({ method, url = "" }, response) => {
      if (method === "GET" && /^\/metrics(\?|$)/.test(url)) void answer(response);
      else response.writeHead(404, headersOfAll).end();
    },
  );
  server.maxConnections = maxConnections;
  server.timeout = seconds(30);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(describeFailure(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), graceForScrapes).unref();
      }),
  };
};

const headersOfAll = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

const describeFailure = (error: NodeJS.ErrnoException, host: string, port: number): Error => {
  const reason =
    error.code === "EADDRINUSE"
      ? "the port is in use; choose another METRICS_PORT"
      : (error.code ?? error.message);
  return new Error(`Cannot serve metrics on ${host}:${port}: ${reason}.`, { cause: error });
};
