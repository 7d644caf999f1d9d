// Sends responses: the common headers, their own headers, and the body, which a stream sends in parts.
import type { IncomingMessage, ServerResponse } from "node:http";
import { maxBodySize } from "./request/body.ts";
import { recordOf } from "./request/record.ts";

/**
 * Names and values in turn. node:http writes such a list directly; setting headers one by one costs as much
 * as a small query.
 */
export type HeaderList = readonly string[];

export interface CompleteResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: string;
}

export interface ResponseSender {
  send(request: IncomingMessage, response: ServerResponse, complete: CompleteResponse): void;
  /** Sends the head alone: what follows comes in parts. */
  begin(request: IncomingMessage, response: ServerResponse, head: Omit<CompleteResponse, "body">): void;
  /** Sets only the common headers, for Express and CORS, which send by themselves. */
  prepare(request: IncomingMessage, response: ServerResponse): void;
}

export const createResponseSender = (
  ofAll: HeaderList,
  cors: { headersFor(origin: string | undefined): HeaderList },
): ResponseSender => {
  const first = [...ofAll, "X-Request-Id"];
  const listFor = (request: IncomingMessage, own: HeaderList): string[] =>
    first.concat(recordOf(request).id, cors.headersFor(request.headers.origin), own);
  return {
    send(request, response, { status, headers, body }) {
      const list = listFor(request, headers);
      list.push("Content-Length", String(Buffer.byteLength(body)));
      if (hasEndlessRest(request) && !headers.includes("connection")) list.push("Connection", "close");
      response.writeHead(status, list).end(body);
    },
    begin(request, response, { status, headers }) {
      response.writeHead(status, listFor(request, headers)).flushHeaders();
    },
    prepare(request, response) {
      const headers = listFor(request, []);
      for (let index = 0; index < headers.length; index += 2)
        response.setHeader(headers[index] ?? "", headers[index + 1] ?? "");
      if (hasEndlessRest(request)) response.setHeader("Connection", "close");
    },
  };
};

/**
 * True for a response sent before the request body has arrived: node:http would keep reading until the
 * request timeout, and respond again.
 */
const hasEndlessRest = ({ complete, headers }: IncomingMessage): boolean =>
  !complete &&
  (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > maxBodySize);
