// Lets a connection become a WebSocket, or refuses it with a response like that of any request. Browsers ask no CORS before one.
import { type IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { type AllowedOrigins, findListable, isAllowedOrigin } from "../config/network/origins.ts";
import { badRequest, brokenRequest, crossSiteRequest, type TableError } from "../errors.ts";
import { seconds } from "../time.ts";
import type { RespondWithError } from "./error-response.ts";
import type { Upgrade } from "./listener.ts";
import { pathOf, type RequestLog, type RequestOutcome } from "./request/log.ts";
import { isBrokenRequest } from "./request-handler.ts";

export const webSocketProtocol = "graphql-transport-ws";

export interface WebSocketUpgradeParts {
  readonly log: RequestLog;
  readonly respondWithError: RespondWithError;
  readonly allowedOrigins: AllowedOrigins;
  readonly publicUrl: URL;
  /** In small letters, as Node has it. */
  readonly tokenHeader: string;
  readonly logUnlistedOrigin: (origin: string | undefined) => void;
  readonly take: (handshake: Handshake) => void;
}

export interface Handshake {
  readonly request: IncomingMessage;
  /** For refusals. It is sent on the socket, which then ends. */
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly head: Buffer;
  refuse(error: TableError): void;
  /** From now on, the connection speaks another protocol. Call the result when it is over. */
  accept(): (outcome: RequestOutcome) => void;
}

/** As long as any client needs to read a refusal. */
const patience = seconds(10);

export const createWebSocketUpgrade = (parts: WebSocketUpgradeParts): Upgrade => ({
  wants: isWebSocket,
  handle(request, socket, head) {
    // Ours are plain sockets.
    if (!(socket instanceof Socket)) return void socket.destroy();
    const { respondWithError, take } = parts;
    const isBroken = isBrokenRequest(request);
    const response = new ServerResponse(request);
    // Node no longer watches a socket that it has handed over.
    socket.on("error", () => socket.destroy());
    socket.setTimeout(patience, () => socket.destroy());
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on("finish", () => socket.destroySoon());
    const write = parts.log.begin(request);
    const writeRefusal = () =>
      write({
        status: response.headersSent ? response.statusCode : undefined,
        finished: response.writableFinished,
      });
    response.on("close", writeRefusal);
    const refuse = (error: TableError) => respondWithError(error, request, response);
    const refusal = isBroken ? brokenRequest() : findRefusal(parts, request);
    if (refusal !== null) return refuse(refusal);
    take({
      request,
      response,
      socket,
      head,
      refuse,
      accept() {
        response.off("close", writeRefusal);
        response.detachSocket(socket);
        socket.setTimeout(0);
        return write;
      },
    });
  },
});

const isWebSocket = ({ method, url = "", headers }: IncomingMessage): boolean =>
  method === "GET" && pathOf(url) === "/graphql" && /^websocket$/i.test(headers.upgrade ?? "");

const findRefusal = (
  { allowedOrigins, publicUrl, tokenHeader, logUnlistedOrigin }: WebSocketUpgradeParts,
  request: IncomingMessage,
): TableError | null => {
  const { origin, "sec-websocket-protocol": protocols = "" } = request.headers;
  if (!isWebSocket(request)) return badRequest("Only GET /graphql can be upgraded, and only to websocket.");
  // Before any other check that tells something: a page of another site must learn nothing, and its cookie must not count.
  if (origin !== undefined && origin !== publicUrl.origin && !isAllowedOrigin(allowedOrigins, origin)) {
    logUnlistedOrigin(origin);
    return crossSiteRequest(findListable(origin));
  }
  if (!protocols.split(",").some((it) => it.trim() === webSocketProtocol))
    return badRequest(`The WebSocket speaks ${webSocketProtocol}, and no other protocol.`);
  // Which of two tokens counts must not be a guess.
  if (request.headers[tokenHeader] !== undefined)
    return badRequest(
      "Send the token as `authorization` in the payload of connection_init, not as a header.",
    );
  return null;
};
