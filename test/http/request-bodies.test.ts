import { connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kibibytes } from "../../src/sizes.ts";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const anonymous = () => new Client(app);
const publicQuery = '{"query":"{ public { message } }"}';

const expectRefusal = async (answer: Awaited<ReturnType<Client["post"]>>, status: number, code: string) => {
  expect([answer.status, answer.codes, answer.data]).toEqual([status, [code], undefined]);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect((await anonymous().post(publicQuery)).status).toBe(200);
};

describe("a malformed body or envelope is 400, in the shape of a GraphQL answer:", () => {
  const known = '"query":"{ public { message } }"';
  test.each([
    "no json",
    "",
    "[]",
    "null",
    '"text"',
    "1",
    "{}",
    '{"query":1}',
    '{"query":""}',
    '{"query":null}',
    '{"query":["{ public { message } }"]}',
    `{${known},"variables":"x"}`,
    `{${known},"variables":1}`,
    `{${known},"variables":[]}`,
    `{${known},"operationName":1}`,
    `{${known},"operationName":["x"]}`,
    `{${known},"operationName":"Missing"}`,
    `{${known},"extensions":"x"}`,
    `{${known},"extensions":[]}`,
    `{${known}`,
    `{${known}}}`,
    `${publicQuery}${publicQuery}`,
    `{"variables":{}}`,
  ])("%s", async (body) => {
    // The second time, every other part of it is known.
    for (let time = 0; time < 2; time += 1)
      await expectRefusal(await anonymous().post(body), 400, "BAD_REQUEST");
  });
});

test("a body that is no UTF-8 is 400: replaced bytes would make two different passwords one", async () => {
  for (const wrong of ["\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf"]) {
    const bytes = Buffer.from(`{"query":"{ public { message } } #${wrong}"}`, "latin1");
    await expectRefusal(await anonymous().post(new Uint8Array(bytes)), 400, "BAD_REQUEST");
  }
  const marked = Buffer.from(`\xef\xbb\xbf${publicQuery}`, "latin1");
  await expectRefusal(await anonymous().post(new Uint8Array(marked)), 400, "BAD_REQUEST");
});

test("a body that is not packed as it says is 400, and an unknown packing 415", async () => {
  const packedWith = (encoding: string) => anonymous().post(publicQuery, { "content-encoding": encoding });
  for (const encoding of ["gzip", "br", "deflate"])
    await expectRefusal(await packedWith(encoding), 400, "BAD_REQUEST");
  for (const encoding of ["nonsense", "gzip, gzip", "compress"])
    await expectRefusal(await packedWith(encoding), 415, "UNSUPPORTED_MEDIA_TYPE");
  const cut = gzipSync(publicQuery).subarray(0, -6);
  await expectRefusal(
    await anonymous().post(new Uint8Array(cut), { "content-encoding": "gzip" }),
    400,
    "BAD_REQUEST",
  );
});

describe("a body of 100 KiB is taken, and one byte more is 413:", () => {
  const most = kibibytes(100);
  const ofLength = (length: number) => publicQuery.padEnd(length);
  const packings: Readonly<Record<string, (text: string) => Uint8Array<ArrayBuffer>>> = {
    identity: (text) => new TextEncoder().encode(text),
    gzip: (text) => new Uint8Array(gzipSync(text)),
    deflate: (text) => new Uint8Array(deflateSync(text)),
    br: (text) => new Uint8Array(brotliCompressSync(text)),
  };

  test.each(Object.keys(packings))("%s", async (encoding) => {
    const pack = packings[encoding];
    const send = (text: string) =>
      anonymous().post(pack?.(text) ?? "", encoding === "identity" ? {} : { "content-encoding": encoding });
    expect((await send(ofLength(most))).status).toBe(200);
    const beyond = await send(ofLength(most + 1));
    await expectRefusal(beyond, 413, "PAYLOAD_TOO_LARGE");
    expect(beyond.headers.get("connection")).toBe("close");
    // A thousand times what comes over the wire.
    await expectRefusal(await send(ofLength(10_000_000)), 413, "PAYLOAD_TOO_LARGE");
  });

  test("in pieces of unknown length", async () => {
    const inPieces = (text: string) => {
      const head = writeRequest("POST /graphql", {
        connection: undefined,
        "content-type": "application/json",
        "transfer-encoding": "chunked",
      });
      const pieces = (text.match(/.{1,9999}/gs) ?? []).map((it) => `${it.length.toString(16)}\r\n${it}\r\n`);
      return `${head}${pieces.join("")}`;
    };
    // Without an end: whoever waits for it waits for ever.
    expect((await sendBytes(app, inPieces(ofLength(most + 1)))).status).toBe(413);
    expect(
      (
        await sendBytes(
          app,
          `${inPieces(ofLength(most))}0\r\n\r\n`.replace("\r\n", "\r\nConnection: close\r\n"),
        )
      ).status,
    ).toBe(200);
  });
});

test("after a 413 the server closes the socket, and reads no more of the body", async () => {
  for (const headers of [{}, { "content-encoding": "gzip" }]) {
    const body = headers["content-encoding"] ? gzipSync("x".repeat(1_000_000)) : Buffer.alloc(200_000, "x");
    const head = writeRequest("POST /graphql", {
      connection: "keep-alive",
      "content-type": "application/json",
      // Most of it never comes.
      "content-length": "100000000",
      ...headers,
    });
    const answer = await sendBytes(app, Buffer.concat([Buffer.from(head), body]));
    expect([answer.status, answer.headers.get("connection")]).toEqual([413, "close"]);
  }
  expect((await anonymous().post(publicQuery)).status).toBe(200);
});

describe("a body that is answered before it has come is not read to its end: the socket is closed", () => {
  /** What the server takes of a body that has no end, until it closes the socket. */
  const floodBehind = (head: string, first: string | Uint8Array = "") =>
    new Promise<{ answer: string; taken: number }>((resolve) => {
      let [answer, taken] = ["", 0];
      const piece = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, "x"), Buffer.from("\r\n")]);
      const socket = connect(app.server.port, "127.0.0.1");
      const flood = () => {
        while (!socket.destroyed && socket.write(piece)) taken += piece.length;
      };
      socket
        .on("data", (chunk) => {
          answer += chunk;
          flood();
        })
        .on("drain", flood)
        .on("error", () => undefined)
        .on("close", () => resolve({ answer, taken }));
      socket.write(`${head}\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n`);
      if (first === "") socket.write("\r\n");
      else {
        socket.write(
          `Content-Type: application/json\r\nContent-Encoding: br\r\n\r\n${first.length.toString(16)}\r\n`,
        );
        socket.write(first);
        socket.write("\r\n");
        flood();
      }
    });

  test.each<[what: string, status: number, head: string, first?: Uint8Array]>([
    ["of another type", 415, "POST /graphql HTTP/1.1\r\nContent-Type: text/plain"],
    ["of a GET", 400, "GET /graphql HTTP/1.1"],
    ["of another site", 403, "POST /graphql HTTP/1.1\r\nOrigin: null"],
    ["of health", 200, "GET /health/live HTTP/1.1"],
    ["of a path that is none", 404, "POST /nothing HTTP/1.1"],
    ["behind what is packed", 400, "POST /graphql HTTP/1.1", brotliCompressSync(publicQuery)],
  ])("%s", async (_what, status, head, first) => {
    const { answer, taken } = await floodBehind(head, first);
    expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual([`HTTP/1.1 ${status}`]);
    expect(answer.match(/^connection: .*$/gim)?.map((line) => line.toLowerCase())).toEqual([
      "connection: close",
    ]);
    expect(taken).toBeLessThan(kibibytes(16_384));
  });
});

test("behind a body that is not packed as it says, the next request of its connection is answered", async () => {
  const head = writeRequest("POST /graphql", {
    connection: "keep-alive",
    "content-type": "application/json",
    "content-encoding": "gzip",
    "content-length": "90000",
  });
  const answer = await sendBytes(app, head + "x".repeat(90_000) + writeRequest("GET /health/live"));
  expect([answer.status, answer.body.includes("HTTP/1.1 200 OK")]).toEqual([400, true]);
});
