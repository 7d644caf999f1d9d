// One WebSocket: its subscriptions are opened, authorised, bounded and ended as the streams of HTTP are.
import type { GraphQLFormattedError } from "graphql";
import type { Message, SubscribePayload } from "graphql-ws";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { limitWaits } from "../../database/connecting/patience.ts";
import { unauthenticated } from "../../errors.ts";
import { errorBody, noteFailure } from "../../http/error-response.ts";
import type { RequestLog } from "../../http/request/log.ts";
import { type OwnParts, recordOf, requestWithin } from "../../http/request/record.ts";
import type { Handshake } from "../../http/websocket-upgrade.ts";
import { type StreamEnding, usualStreamBounds } from "../../live/open-streams.ts";
import { seconds } from "../../time.ts";
import type { OpenGraphql } from "../open.ts";
import { tooManyStreams } from "./refusals.ts";
import type { StreamDoor } from "./serve.ts";
import { findOwnParts } from "./socket-credentials.ts";
import {
  acknowledgement,
  type Closing,
  closings,
  MessageType,
  messageOfErrors,
  messagesOf,
  pong,
  readMessage,
} from "./socket-messages.ts";
import { maxWaiting, type StreamOutlet } from "./stream.ts";

export interface SocketParts {
  readonly requireGraphql: () => Promise<OpenGraphql>;
  readonly log: RequestLog;
  readonly logger: Logger;
  readonly tokenHeader: string;
  /** An idle one is kept so long, as any connection. Milliseconds. */
  readonly keepAlive: number;
}

/** A stranger holds a socket for no longer. */
const patience = seconds(3);
/** For the client's half of the closing handshake. */
const farewell = seconds(2);

interface Subscription {
  readonly id: string;
  hasLeft: boolean;
  /** With its socket. */
  isCut: boolean;
  /** Null until it is open. */
  leave: (() => void) | null;
}

export interface ServedSocket {
  close(closing: Closing): void;
  /** Without a subscription: a stranger can have as many of these as connections. */
  isIdle(): boolean;
}

export const serveSocket = (
  socket: WebSocket,
  { request, response, accept }: Handshake,
  { requireGraphql, log, logger, tokenHeader, keepAlive }: SocketParts,
): ServedSocket => {
  const write = accept();
  /** By the id that the client has chosen. */
  const subscriptions = new Map<string, Subscription>();
  /** Also those that the client has left, and that are not over yet. */
  let running = 0;
  let hasInit = false;
  /** Null: not acknowledged yet. */
  let own: OwnParts | null = null;

  const close = (closing: Closing): void => {
    if (socket.readyState !== socket.OPEN) return;
    const [code, reason] = closings[closing];
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), farewell).unref();
  };
  const send = (text: string): void => {
    if (socket.bufferedAmount + text.length > maxWaiting) socket.terminate();
    else socket.send(text);
  };

  let timer = setTimeout(() => close("silent"), patience);
  const waitForNext = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => close("notUsed"), keepAlive);
  };

  const acknowledge = async (payload: Readonly<Record<string, unknown>> | undefined): Promise<void> => {
    const parts = findOwnParts(request, payload, tokenHeader);
    if (parts === null) return close("refused");
    try {
      const { openContext } = await requireGraphql();
      const asking = requestWithin(request, parts);
      recordOf(asking).address = recordOf(request).address;
      const { token } = await limitWaits(isAnswered, () => openContext(asking, response));
      // Not a browser's page. Without a token it is nobody, whose cookie is not read.
      if (token === null && request.headers.origin === undefined) return close("refused");
      if (socket.readyState !== socket.OPEN) return;
      own = parts;
      waitForNext();
      send(acknowledgement);
    } catch (error) {
      const { code } = noteFailure(logger, error, recordOf(request));
      if (code === "UNAUTHENTICATED") close("refused");
      else close(code === "INTERNAL_SERVER_ERROR" ? "failed" : "retry");
    }
  };
  const isAnswered = () => own !== null;

  const follow = async (parts: OwnParts, id: string, payload: SubscribePayload): Promise<void> => {
    clearTimeout(timer);
    const subscription: Subscription = { id, hasLeft: false, isCut: false, leave: null };
    subscriptions.set(id, subscription);
    running += 1;
    const asking = requestWithin(request, parts);
    const writeLine = log.begin(asking);
    let status = 200;
    const refuse = (errors: readonly GraphQLFormattedError[]) => {
      if (subscription.hasLeft) return;
      const isUnavailable = errors[0]?.extensions?.code === "SERVICE_UNAVAILABLE";
      // A client gives up after an error, and comes back after a close. Other subscriptions would end with the socket.
      if (isUnavailable && subscriptions.size === 1) close("retry");
      else send(messageOfErrors(id, errors));
    };
    const door: StreamDoor = {
      format: messagesOf(id),
      refuse(refusal) {
        status = refusal.status;
        refuse(refusal.errors);
      },
      open: () => (subscription.hasLeft ? null : outletOf(socket, subscription)),
    };
    try {
      if (running > usualStreamBounds.ofUser) throw tooManyStreams("credential");
      const { follow: open } = await requireGraphql();
      const isOpen = () => subscription.leave !== null;
      const ending = await limitWaits(isOpen, () => open(asking, response, payload, door));
      finish(subscription, ending);
    } catch (error) {
      const known = noteFailure(logger, error, recordOf(asking));
      status = known.status ?? 200;
      refuse(errorBody(known).errors);
      // The token that was good at connection_init: a subscription that lacks one is refused by its door.
      if (known.code === "UNAUTHENTICATED") finish(subscription, "unauthenticated");
    } finally {
      running -= 1;
      writeLine({ status, finished: !subscription.isCut });
      if (subscriptions.get(id) === subscription) subscriptions.delete(id);
      if (subscriptions.size === 0 && socket.readyState === socket.OPEN) waitForNext();
    }
  };

  const finish = (ended: Subscription, ending: StreamEnding | null): void => {
    if (ending === "retry") close("retry");
    if (ending !== "unauthenticated") return;
    // They are of the same credential, and have not noticed yet.
    for (const subscription of subscriptions.values()) {
      if (subscription === ended) continue;
      send(messageOfErrors(subscription.id, errorBody(unauthenticated()).errors));
      leave(subscription);
    }
    close("refused");
  };

  const receive = (message: Message | null): unknown => {
    switch (message?.type) {
      case MessageType.ConnectionInit:
        if (hasInit) return close("secondInit");
        hasInit = true;
        clearTimeout(timer);
        return acknowledge(message.payload);
      case MessageType.Subscribe:
        if (own === null) return close("notAcknowledged");
        if (subscriptions.has(message.id)) return close("idInUse");
        return follow(own, message.id, message.payload);
      case MessageType.Complete: {
        const subscription = subscriptions.get(message.id);
        subscriptions.delete(message.id);
        return subscription && leave(subscription);
      }
      case MessageType.Ping:
        return send(pong);
      case MessageType.Pong:
        return null;
      default:
        return close("badMessage");
    }
  };

  socket.on("message", (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    void receive(isBinary ? null : readMessage(data.toString()));
  });
  // A message that is too large, or broken. ws closes the socket with a code that says so.
  socket.on("error", () => undefined);
  socket.on("close", (code) => {
    clearTimeout(timer);
    for (const subscription of subscriptions.values()) {
      subscription.isCut = true;
      leave(subscription);
    }
    write({ status: 101, finished: code !== abnormal });
  });
  return { close, isIdle: () => subscriptions.size === 0 };
};

/** Without a closing handshake. */
const abnormal = 1006;

const leave = (subscription: Subscription): void => {
  subscription.hasLeft = true;
  subscription.leave?.();
};

const outletOf = (socket: WebSocket, subscription: Subscription): StreamOutlet => ({
  get writableLength() {
    return socket.bufferedAmount;
  },
  write(text) {
    if (text !== "") socket.send(text);
  },
  end: () => undefined,
  destroy() {
    subscription.isCut = true;
    socket.terminate();
  },
  on(_event, listener) {
    subscription.leave = listener;
  },
});
