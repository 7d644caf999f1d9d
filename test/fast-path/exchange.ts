// One request as bytes on the wire and its whole answer: no header that the case did not ask for, none left out.
import { once } from "node:events";
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as send } from "node:http";
import { text } from "node:stream/consumers";
import { noteAnswer, noteRequest } from "../harness/logs/canaries.ts";

export interface Request {
  readonly method: string;
  /** Behind the origin. */
  readonly path: string;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly body?: string | Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Exchange {
  readonly answer: Answer;
  readonly requestId: string | undefined;
}

const agent = new Agent({ keepAlive: true, maxSockets: 20 });

export const exchange = async (
  origin: string,
  { method, path, headers, body }: Request,
): Promise<Exchange> => {
  const { hostname, port } = new URL(origin);
  // Node frames no body of a DELETE by itself.
  const isFramed = body === undefined || headers["transfer-encoding"] !== undefined;
  const length = isFramed ? {} : { "content-length": Buffer.byteLength(body) };
  const sent = send({ agent, hostname, port, method, path, headers: { ...length, ...headers } });
  noteRequest({ path, headers, body });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const names = Object.entries(response.headersDistinct);
  const answer = {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(names.map(([name, values = []]) => [name, values.join("\n")])),
    body: await text(response),
  };
  noteAnswer(response.headers["set-cookie"] ?? [], answer.body);
  requireLength(method, answer);
  return { answer: withoutChance(answer), requestId: answer.headers["x-request-id"] };
};

const requireLength = (method: string, { status, headers, body }: Answer): void => {
  const length = headers["content-length"];
  const isWithoutBody = method === "HEAD" || status === 204 || status === 304;
  if (!isWithoutBody && length !== String(Buffer.byteLength(body)))
    throw new Error(`Content-Length is ${length} for ${Buffer.byteLength(body)} bytes: ${body}`);
};

/** What differs from one answer to the next by design becomes a word. */
const withoutChance = ({ status, headers, body }: Answer): Answer => {
  const { date: _date, "keep-alive": _keepAlive, "content-length": _length, ...rest } = headers;
  const kept: Record<string, string> = rest;
  const id = kept["x-request-id"] ?? "no request id";
  const words: readonly [name: string, chance: RegExp, word: string][] = [
    ["x-request-id", /^[0-9a-f-]{36}$/, "<request id>"],
    ["set-cookie", /(?<=graphward=)s%3A[^;]+/, "<secret>"],
    ["set-cookie", /(?<=graphward-device=)[^;]+/g, "<device>"],
    ["set-cookie", /(?<=Expires=)[^;]+/, "<time>"],
  ];
  for (const [name, chance, word] of words)
    if (kept[name] !== undefined) kept[name] = kept[name].replace(chance, word);
  // An id that is not the header's stays as it is, and is a difference.
  return {
    status,
    headers: kept,
    body: body.replaceAll(id, "<request id>").replace(/gws_\w{49}/g, "<token>"),
  };
};
