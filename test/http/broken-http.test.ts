import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seconds } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { findListener } from "../harness/connections/listener.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const json = { "content-type": "application/json" };
const publicQuery = '{"query":"{ public { message } }"}';
const expectHonestRequestToSucceed = async () =>
  expect((await new Client(app).post(publicQuery)).status).toBe(200);

const badRequest = {
  errors: [{ message: "The request is not well formed.", extensions: { code: "BAD_REQUEST" } }],
};

describe("what is no HTTP/1.1 is refused in JSON, and the socket closed:", () => {
  const host = "Host: localhost\r\n";
  const post = `POST /graphql HTTP/1.1\r\n${host}Content-Type: application/json\r\n`;
  const texts: Readonly<Record<string, string>> = {
    "no request line": "NONSENSE\r\n\r\n",
    "a TLS greeting": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a method that is none": `GOT /graphql HTTP/1.1\r\n${host}\r\n`,
    "another version": `GET /graphql HTTP/9.9\r\n${host}\r\n`,
    "HTTP/2 without asking": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": "GET /health/live HTTP/1.1\r\n\r\n",
    "two hosts": `GET /health/live HTTP/1.1\r\n${host}Host: elsewhere\r\n\r\n`,
    "HTTP/2 in the words of HTTP/1": `${post.replace("/1.1", "/2.0")}Content-Length: 2\r\n\r\n{}`,
    "no version": "GET /health/live\r\n\r\n",
    "a port that is none": `GET http://q:zz/graphql?query={__typename} HTTP/1.1\r\n${host}\r\n`,
    "a host that is none": `GET http://[:/graphql HTTP/1.1\r\n${host}\r\n`,
    "a header without a colon": `GET /graphql HTTP/1.1\r\n${host}nonsense\r\n\r\n`,
    "pieces that are none": `${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n`,
  };

  test.each(Object.keys(texts))("%s", async (name) => {
    const before = app.log.length;
    const answer = await sendBytes(app, Buffer.from(texts[name] ?? "", "latin1"));
    expect([answer.status, answer.headers.get("connection"), JSON.parse(answer.body)]).toEqual([
      400,
      "close",
      badRequest,
    ]);
    // With the socket's address and a word of ours; of what came there is at most a method and a path.
    await expect
      .poll(() => app.log.slice(before).map((line) => JSON.parse(line)))
      .toContainEqual(expect.objectContaining({ status: 400, address: "127.0.0.1" }));
    await expectHonestRequestToSucceed();
  });
});

test("what is no HTTP behind a request is refused after that request is answered", async () => {
  const request = writeRequest("POST /graphql", { ...json, connection: "keep-alive" }, publicQuery);
  const answer = await sendBytes(app, `${request}NONSENSE\r\n\r\n`);
  expect([answer.status, answer.body.match(/HTTP\/1\.1 \d+/g)]).toEqual([200, ["HTTP/1.1 400"]]);
  expect(answer.body).toContain("Public access allowed!");
});

test("a whole URL is taken for its path", async () => {
  const answer = await sendBytes(
    app,
    "GET http://elsewhere/graphql?query={public{message}} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    200,
    { data: { public: { message: "Public access allowed!" } } },
  ]);
});

test("headers that are too long are 431 in JSON", async () => {
  const answer = await sendBytes(app, writeRequest("GET /graphql", { "x-long": "x".repeat(20_000) }));
  expect([answer.status, JSON.parse(answer.body)]).toEqual([431, badRequest]);
  await expectHonestRequestToSucceed();
});

test("no header is dropped, however many come before it", async () => {
  const others = "a:\r\n".repeat(1_500);
  const head = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${others}`;
  const origin = `Origin: https://evil.example\r\nContent-Length: ${publicQuery.length}\r\nConnection: close\r\n\r\n`;
  expect((await sendBytes(app, head + origin + publicQuery)).status).toBe(403);
});

test("what a request expects of us changes nothing", async () => {
  const expecting = (what: string) =>
    sendBytes(app, writeRequest("POST /graphql", { ...json, expect: what }, publicQuery));
  expect((await expecting("nonsense")).status).toBe(200);
  // The first of the two answers says that the body may come.
  expect(await expecting("100-continue")).toMatchObject({
    status: 100,
    body: expect.stringContaining("Public access allowed!"),
  });
});

describe("a slow client", () => {
  test("has 60 s to take its answer", async () => {
    expect((await findListener(app)).timeout).toBe(seconds(60));
  });

  test("has 10 s for its headers and 20 s for its request, and is looked for every second", async () => {
    expect(await findListener(app)).toMatchObject({
      headersTimeout: seconds(10),
      requestTimeout: seconds(20),
      connectionsCheckingInterval: seconds(1),
    });
  });

  const begun = "POST /graphql HTTP/1.1\r\nHost: localhost\r\n";
  test.each([
    ["its headers", { headersTimeout: 1, requestTimeout: 0 }, begun],
    [
      "its body",
      { headersTimeout: 0, requestTimeout: 1 },
      `${begun}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    ],
  ])(
    "that never ends %s is told 408 when its time is over, and its socket closed",
    async (_name, times, sent) => {
      const listener = await findListener(app);
      const { headersTimeout, requestTimeout } = listener;
      Object.assign(listener, times);
      const answer = await sendBytes(app, sent);
      Object.assign(listener, { headersTimeout, requestTimeout });
      expect([answer.status, answer.headers.get("connection"), JSON.parse(answer.body)]).toEqual([
        408,
        "close",
        badRequest,
      ]);
      await expectHonestRequestToSucceed();
    },
  );
});
