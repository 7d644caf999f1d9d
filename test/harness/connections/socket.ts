// What no client library sends: raw bytes on a socket, and the response until the server closes it.
import { connect } from "node:net";
import type { App } from "../server.ts";

export interface RawAnswer {
  /** 0 when there was no response. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Never closes the connection itself: only the server can. */
export const sendBytes = ({ server }: Pick<App, "server">, bytes: string | Uint8Array): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(server.port, "127.0.0.1");
    socket
      .on("data", (chunk: Buffer) => received.push(chunk))
      // A server that refuses a body closes the connection while the body is still being sent.
      .on("error", () => undefined)
      .on("close", () => resolve(parseAnswer(Buffer.concat(received).toString())));
    socket.write(bytes);
  });

/** Sends `Connection: close`. */
export const writeRequest = (
  line: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  body = "",
): string => {
  const all = { host: "localhost", connection: "close", ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  const length = body === "" ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  return [`${line} HTTP/1.1`, ...lines, ...length, "", body].join("\r\n");
};

const parseAnswer = (text: string): RawAnswer => {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Headers();
  for (const line of lines)
    headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n") };
};
