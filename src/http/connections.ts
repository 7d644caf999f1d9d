// The open connections of a server, and its end: no request that a client has sent may be lost.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate, setTimeout as wait } from "node:timers/promises";
import { milliseconds, seconds } from "../time.ts";

export interface ConnectionEnd {
  /** Serves on for so long, and tells clients to use another connection. Milliseconds. */
  readonly delay: number;
  /** Then running requests have so long to finish. Milliseconds. */
  readonly grace: number;
}

export interface Connections {
  /** Call it before a request is handled. */
  begin(request: IncomingMessage, response: ServerResponse): void;
  /** The response to the last request of this connection. */
  findResponse(socket: Socket): ServerResponse | undefined;
  /** True for a connection that has sent nothing yet: balancers and browsers open some ahead of need. */
  isUnused(socket: Socket): boolean;
  end(end: ConnectionEnd): Promise<void>;
}

interface Connection {
  readonly openedAt: number;
  response: ServerResponse | undefined;
}

/** The first request of a connection may be on its way for so long. */
const patience = seconds(1);
const sweepInterval = milliseconds(100);

export const watchConnections = (server: Server): Connections => {
  const connections = new Map<Socket, Connection>();
  let isEnding = false;
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    connections.set(socket, { openedAt: performance.now(), response: undefined });
    socket.once("close", () => connections.delete(socket));
  });
  const isUnused = (socket: Socket): boolean => socket.bytesRead === 0;

  /** Again and again, because a connection may become idle at any time. */
  const sweep = async (): Promise<void> => {
    // After the sockets were read: a request in an unread buffer would be reset with its socket.
    await setImmediate();
    server.closeIdleConnections();
    for (const [socket, { openedAt }] of connections)
      if (isUnused(socket) && performance.now() - openedAt > patience) socket.destroy();
  };

  return {
    begin({ socket }, response) {
      const connection = connections.get(socket);
      if (connection) connection.response = response;
      if (isEnding) closeAfter(response);
    },
    findResponse: (socket) => connections.get(socket)?.response,
    isUnused,
    async end({ delay, grace }) {
      isEnding = true;
      for (const { response } of connections.values()) if (response) closeAfter(response);
      await wait(delay);
      // Before the listening socket: Node would close them first, and connections could come in meanwhile.
      await sweep();
      await untilNoneWaits(() => accepted);
      const hasClosed = new Promise<void>((resolve) => server.close(() => resolve()));
      const sweeping = setInterval(() => void sweep(), sweepInterval);
      const cut = setTimeout(() => {
        server.closeAllConnections();
        // Node's own list lacks those that were upgraded.
        for (const socket of connections.keys()) socket.destroy();
      }, grace);
      await hasClosed;
      clearInterval(sweeping);
      clearTimeout(cut);
    },
  };
};

/** Node then sends `Connection: close`. A closed connection is never chosen for the next request; an idle one may be, while we close it. */
const closeAfter = (response: ServerResponse): void => {
  if (!response.headersSent) response.shouldKeepAlive = false;
};

/** A server that is never idle must end too. */
const maxWait = seconds(1);
const quickTurn = milliseconds(0.1);

/**
 * The system resets connections that it has accepted and we have not, when the listening socket closes. There are none after a
 * turn of the event loop that accepts none.
 */
const untilNoneWaits = async (countAccepted: () => number): Promise<void> => {
  const end = performance.now() + maxWait;
  while (performance.now() < end) {
    const before = { time: performance.now(), accepted: countAccepted() };
    await setImmediate();
    // In a longer turn, others may have come since.
    if (countAccepted() === before.accepted && performance.now() - before.time < quickTurn) return;
  }
};
