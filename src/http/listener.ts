// The listening socket: timeouts for slow clients, JSON responses to malformed HTTP, graceful shutdown.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { badRequest, methodNotAllowed, type TableError } from "../errors.ts";
import { milliseconds, seconds } from "../time.ts";
import { type ConnectionEnd, watchConnections } from "./connections.ts";
import { errorBody } from "./error-response.ts";
import type { HeaderList } from "./response.ts";

export interface Listener {
  readonly port: number;
  close(end: ConnectionEnd): Promise<void>;
}

interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly keepAlive: number;
  /** For responses to malformed HTTP; the request handler sets them on all others. */
  readonly headersOfAll: HeaderList;
  /** Called for malformed HTTP, which gets no line in the request log. */
  readonly logRefusal: (refusal: RawRefusal) => void;
  /** Null: no connection is upgraded, and a request that asks for it is one like the others. */
  readonly upgrade: Upgrade | null;
}

export interface Upgrade {
  /** Others are requests like any: clients of HTTP/2 offer `h2c` with each first one. */
  wants(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

interface RawRefusal {
  readonly status: number;
  /** An error code of Node's parser, never the client's text. */
  readonly reason: string;
  /** The IP of the socket's other end, which may be a proxy. */
  readonly address: string | undefined;
}

/** Throws an error with a one-line message when the port is in use. */
export const listen = async (
  app: RequestListener,
  { host, port, keepAlive, headersOfAll, logRefusal, upgrade }: ListenerOptions,
): Promise<Listener> => {
  const handle: RequestListener = (request, response) => {
    connections.begin(request, response);
    app(request, response);
  };
  const server = createServer(
    {
      // Slowloris: a client that sends its request byte by byte holds a socket.
      headersTimeout: seconds(10),
      requestTimeout: seconds(20),
      // Node checks for slow connections at this interval, 30 s by default.
      connectionsCheckingInterval: seconds(1),
      // Request smuggling: a length that two parsers read differently hides a second request in the first.
      // This keeps the strict parser on, whatever option the process was started with.
      insecureHTTPParser: false,
      // Node would refuse a missing Host without our headers; request-handler.ts refuses it instead.
      requireHostHeader: false,
      // Node announces whole seconds (`Keep-Alive: timeout=65`): the rest is for a request that is on its way.
      keepAliveTimeout: keepAlive + milliseconds(900),
      // Node before 22.21 and 24.9 ignores it, and hands over each request that asks for any protocol.
      ...(upgrade && { shouldUpgradeCallback: upgrade.wants }),
    },
    handle,
  );
  const connections = watchConnections(server);
  // A client that does not read its response holds a socket too: same limit as for one that does not send.
  server.timeout = seconds(60);
  // Some versions of Node drop every header after the thousandth: a client could hide an Origin, or its own
  // IP behind the one that a proxy adds. Node's limit on the total size of headers (16 KB) bounds them.
  server.maxHeadersCount = 0;
  // RFC 9110, section 10.1.1: a server may ignore an expectation. Node would refuse it without our headers.
  server.on("checkExpectation", handle);
  const { answerBrokenHttp, refuseTunnel } = createRawResponses(headersOfAll, logRefusal);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!(socket instanceof Socket)) return void socket.destroy();
    // Opened ahead of need: a balancer would take our 408 for the response to its first request.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && connections.isUnused(socket))
      return void socket.setTimeout(Math.max(keepAlive, server.timeout));
    const response = connections.findResponse(socket);
    // Respond to the complete request first: a proxy would take our refusal for the response to it.
    if (response?.req.complete && !response.writableFinished)
      response.once("finish", () => answerBrokenHttp(error, socket));
    else answerBrokenHttp(error, socket);
  });
  server.on("connect", refuseTunnel);
  if (upgrade !== null)
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const isPlain = socket instanceof Socket;
      if (!isPlain || !isBeingSent(connections.findResponse(socket)))
        return upgrade.handle(request, socket, head);
      // Nothing can be said between the bytes of that response, and Node throws when its socket is given to another.
      const refused = { status: 400, reason: "UPGRADE", address: socket.remoteAddress };
      logRefusal(refused);
      socket.destroy();
    });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(describeListenFailure(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: connections.end,
  };
};

/** Or waits for those before it: a client may send requests ahead of the responses. */
const isBeingSent = (response: ServerResponse | undefined): boolean =>
  response !== undefined && (response.socket !== null || !response.writableFinished);

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** For sockets that have no request, and so no ServerResponse. */
const createRawResponses = (headersOfAll: HeaderList, logRefusal: ListenerOptions["logRefusal"]) => {
  const write = (status: string, error: TableError): string => {
    const body = JSON.stringify(errorBody(error));
    const own = ["Content-Type", "application/json; charset=utf-8", "Connection", "close"];
    const headers = [...headersOfAll, ...own, ...[...error.headers].flat()];
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    return [`HTTP/1.1 ${status}`, ...asLines(headers), length, "", body].join("\r\n");
  };
  const refuse = (socket: Duplex, answer: string, reason: string): void => {
    const address = socket instanceof Socket ? socket.remoteAddress : undefined;
    logRefusal({ status: Number(answer.split(" ", 2)[1]), reason, address });
    socket.end(answer);
  };
  const tunnel = write("405 Method Not Allowed", methodNotAllowed("GET, POST, OPTIONS"));
  return {
    answerBrokenHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
      if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
      const status = statusLines[error.code ?? ""] ?? "400 Bad Request";
      refuse(socket, write(status, badRequest()), error.code ?? "unknown");
    },
    /**
     * CONNECT: we are no proxy. Node would close the socket without a response, and no longer times it out.
     */
    refuseTunnel(_request: IncomingMessage, socket: Duplex): void {
      socket.on("error", () => socket.destroy());
      socket.once("finish", () => socket.destroy());
      refuse(socket, tunnel, "CONNECT");
    },
  };
};

const asLines = (headers: HeaderList): readonly string[] =>
  headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : []));

const describeListenFailure = (error: NodeJS.ErrnoException, host: string, port: number): Error => {
  const reason =
    error.code === "EADDRINUSE" ? "the port is in use; choose another PORT" : (error.code ?? error.message);
  return new Error(`Cannot listen on ${host}:${port}: ${reason}.`, { cause: error });
};
