// The messages of the protocol graphql-transport-ws, and the reasons for which a WebSocket is closed.
import { CloseCode, type Message, MessageType, parseMessage } from "graphql-ws";
import type { StreamFormat } from "./formats.ts";

export { MessageType };

/** By code: what clients of graphql-ws know, and two of the WebSocket's own, after which they connect again by themselves or not. */
export const closings = {
  notUsed: [1000, "Not used"],
  retry: [1013, "Try again later"],
  failed: [CloseCode.InternalServerError, "Internal server error"],
  badMessage: [CloseCode.BadRequest, "Invalid message received"],
  notAcknowledged: [CloseCode.Unauthorized, "Unauthorized"],
  refused: [CloseCode.Forbidden, "Forbidden"],
  silent: [CloseCode.ConnectionInitialisationTimeout, "Connection initialisation timeout"],
  idInUse: [CloseCode.SubscriberAlreadyExists, "Subscriber already exists"],
  secondInit: [CloseCode.TooManyInitialisationRequests, "Too many initialisation requests"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type Closing = keyof typeof closings;

/** Clients write UUIDs. It is kept, and repeated in each message. */
const maxIdLength = 128;

/** Null for a message that no client may send. */
export const readMessage = (text: string): Message | null => {
  try {
    const message = parseMessage(text);
    return "id" in message && message.id.length > maxIdLength ? null : message;
  } catch {
    return null;
  }
};

export const acknowledgement = JSON.stringify({ type: MessageType.ConnectionAck });
export const pong = JSON.stringify({ type: MessageType.Pong });

export const messageOfErrors = (id: string, errors: readonly object[]): string =>
  JSON.stringify({ id, type: MessageType.Error, payload: errors });

/** A stream as messages, each of which names its subscription. */
export const messagesOf = (id: string): StreamFormat => {
  const head = (type: MessageType) => `{"id":${JSON.stringify(id)},"type":"${type}"`;
  return {
    contentType: "",
    opening: "",
    beat: JSON.stringify({ type: MessageType.Ping }),
    next: (result) => `${head(MessageType.Next)},"payload":${result}}`,
    complete: `${head(MessageType.Complete)}}`,
    fail: (errors) => `${head(MessageType.Error)},"payload":${errors}}`,
    // No message means it: the socket is closed, and all of its subscriptions come back with the next one.
    retry: () => "",
  };
};
