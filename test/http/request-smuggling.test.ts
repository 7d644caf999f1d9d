import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type App, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const requestsSince = (begun: number) =>
  app.log.slice(begun).flatMap((line) => (line.includes('"msg":"request"') ? [JSON.parse(line).path] : []));
const hidden = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
const body = '{"query":"{public{message}}"}';
const length = `Content-Length: ${body.length}`;
const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const chunked = "Transfer-Encoding: chunked";
const ambiguous: Readonly<
  Record<string, readonly [headers: readonly string[], body: string, version?: string]>
> = {
  "two hosts": [[length, "Host: elsewhere"], body],
  "a length and chunks": [[length, "Transfer-Encoding: chunked"], chunk],
  "chunks and a length": [["Transfer-Encoding: chunked", length], chunk],
  "two lengths": [[length, "Content-Length: 3"], body],
  "a length with a sign": [[`Content-Length: +${body.length}`], body],
  "a space before the colon": [[`Content-Length : ${body.length}`], body],
  "a coding that only looks like chunks": [["Transfer-Encoding: xchunked"], chunk],
  "chunks of HTTP/1.0": [[chunked, "Connection: keep-alive"], chunk, "1.0"],
  "chunks of a coding that nobody knows": [["Transfer-Encoding: xyz, chunked"], chunk],
  "codings on two lines": [["Transfer-Encoding: xyz", chunked], chunk],
  "chunks of what is packed": [["Transfer-Encoding: gzip, chunked"], chunk],
  "chunks of what is as it is": [["Transfer-Encoding: identity, chunked"], chunk],
  "chunks behind nothing": [["Transfer-Encoding: , chunked"], chunk],
  "chunks that are coded again": [["Transfer-Encoding: chunked, identity"], chunk],
  "a header line without a carriage return": [[`X-Bare: a\n${length}`], body],
  "a folded header": [[`X-Folded: a\r\n ${length}`], body],
};

describe("a request whose end two readers would see in different places is refused, and nothing behind it is read", () => {
  test.each(Object.keys(ambiguous))("%s", async (name) => {
    const begun = app.log.length;
    const [headers = [], content = "", version = "1.1"] = ambiguous[name] ?? [];
    const socket = connect(app.server.port, "127.0.0.1");
    const head = [
      `POST /graphql HTTP/${version}`,
      "Host: localhost",
      "Content-Type: application/json",
      ...headers,
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${content}${hidden}`);
    const answer = await text(socket);
    expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual(["HTTP/1.1 400"]);
    await expect.poll(() => requestsSince(begun)).not.toContain("/health/live");
    expect(answer).toMatch(/^connection: close$/im);
  });
});
