// The socket: time limits for slow clients, JSON for what is no HTTP, and an orderly end.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { badRequest, methodNotAllowed, type TableError } from "../errors.ts";
import { seconds } from "../time.ts";
import { errorBody } from "./error-response.ts";
import type { HeaderList } from "./response.ts";

export interface Listener {
  readonly port: number;
  /** Lets the requests that are under way finish, within `grace` milliseconds, and accepts no more. */
  close(grace: number): Promise<void>;
}

interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** For what is no request: all others are answered with these by the listener of requests. */
  readonly headersOfAll: HeaderList;
  /** Told of them too: no line of a request will. */
  readonly logRefusal: (refusal: RawRefusal) => void;
}

interface RawRefusal {
  readonly status: number;
  /** A word of Node's parser, and never of the client. */
  readonly reason: string;
  /** Of whoever holds the socket, be it a proxy. */
  readonly address: string | undefined;
}

/** Throws an error of one readable line when the port is taken. */
export const listen = async (
  app: RequestListener,
  { host, port, headersOfAll, logRefusal }: ListenerOptions,
): Promise<Listener> => {
  const latest = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(
    {
      // A client that dribbles its request holds a socket; these say for how long.
      headersTimeout: seconds(10),
      requestTimeout: seconds(20),
      // Node looks for slow connections only this often, every 30 s unless told.
      connectionsCheckingInterval: seconds(1),
      // A length that two readers take differently hides a second request in the first (smuggling). No option of the process
      // may turn the strict parser off.
      insecureHTTPParser: false,
      // What Node refuses by itself it answers without a header of ours: front-door.ts asks for it.
      requireHostHeader: false,
    },
    (request, response) => {
      latest.set(request.socket, response);
      app(request, response);
    },
  );
  // A client that does not read its answer holds it, and a socket: the same as for one that does not write.
  server.timeout = seconds(60);
  // Some versions of Node drop what comes after the thousandth, unread: a client could so hide an Origin, or its own address
  // behind the one that a proxy adds. The length of all of them is bounded.
  server.maxHeadersCount = 0;
  // RFC 9110, 10.1.1: what is expected may be ignored. Node would refuse it, and again by itself.
  server.on("checkExpectation", app);
  const { answerBrokenHttp, refuseTunnel } = createRawResponses(headersOfAll, logRefusal);
  server.on("clientError", (error, socket) => {
    const response = latest.get(socket);
    // What has come whole is answered first: a proxy would take our refusal for the answer to it.
    if (response?.req.complete && !response.writableFinished)
      response.once("finish", () => answerBrokenHttp(error, socket));
    else answerBrokenHttp(error, socket);
  });
  server.on("connect", refuseTunnel);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(describeListenFailure(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: (grace) => close(server, grace),
  };
};

const close = (server: Server, grace: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), grace);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** For sockets that no request, and so no response of Node's, belongs to. */
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
    /** CONNECT: we are nobody's proxy. Node would close the socket without a word, and looks after it no more. */
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
    error.code === "EADDRINUSE"
      ? "something else listens there; choose another PORT"
      : (error.code ?? error.message);
  return new Error(`Cannot listen on ${host}:${port}: ${reason}.`, { cause: error });
};
