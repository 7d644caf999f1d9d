// The WebSockets of this server. Loaded only with WEBSOCKET=on.
import { type WebSocket, WebSocketServer } from "ws";
import { badRequest } from "../../errors.ts";
import { recordOf } from "../../http/request/record.ts";
import { type Handshake, webSocketProtocol } from "../../http/websocket-upgrade.ts";
import { kibibytes } from "../../sizes.ts";
import { seconds } from "../../time.ts";
import { retryStream } from "./refusals.ts";
import { type ServedSocket, type SocketParts, serveSocket } from "./socket.ts";

export interface Sockets {
  take(handshake: Handshake): void;
  /** Closes all of them so that their clients come back, elsewhere, and takes no other. */
  stop(): void;
}

/** A subscription is a document of some lines. */
const maxMessage = kibibytes(64);

export const openSockets = (parts: SocketParts & { readonly maxStreams: number }): Sockets => {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessage,
    // A message in thousands of parts takes many times the memory of its text.
    maxFragments: 128,
    maxBufferedChunks: 1024,
    // It keeps up to 300 KB of each socket, and a secret beside a stranger's text can be read from the length of both (BREACH).
    perMessageDeflate: false,
    // Some clients offer an older protocol first. The upgrade is refused to those that do not offer ours.
    handleProtocols: () => webSocketProtocol,
  });
  const handshakes = new WeakMap<object, Handshake>();
  const open = new Map<WebSocket, ServedSocket>();
  let hasStopped = false;

  // Otherwise ws would respond by itself, without the headers of every response and without a line in the log.
  server.on("wsClientError", (_error, _socket, request) => handshakes.get(request)?.refuse(badRequest()));
  server.on("headers", (headers, request) => {
    headers.push(`X-Request-Id: ${recordOf(request).id}`);
  });

  /** Ends the oldest one without a subscription: otherwise strangers, who need no login for one, could keep everybody else out. */
  const makeRoom = (): boolean => {
    for (const [socket, { isIdle }] of open) {
      if (!isIdle()) continue;
      open.delete(socket);
      socket.terminate();
      return true;
    }
    return false;
  };

  return {
    take(handshake) {
      const { request, socket, head, refuse } = handshake;
      if (hasStopped || (open.size >= parts.maxStreams && !makeRoom()))
        return refuse(retryStream(seconds(5), "MAX_STREAMS"));
      handshakes.set(request, handshake);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        open.set(webSocket, serveSocket(webSocket, handshake, parts));
        webSocket.on("close", () => open.delete(webSocket));
      });
    },
    stop() {
      hasStopped = true;
      for (const { close } of open.values()) close("retry");
    },
  };
};
