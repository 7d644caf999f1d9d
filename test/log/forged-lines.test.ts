import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { type Served, serve } from "../harness/process.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

/** The end of a line and one of the log's own, a cleared screen, a title, the one-byte form of a sequence, other ends of lines. */
const hostile = [
  '"}\n{"level":30,"msg":"forged"}\n[12:00:00] INFO: forged',
  "\r[12:00:00] INFO: forged",
  "\u001b[2J\u001b]0;forged\u0007",
  "\u009b2Jforged",
  "\u0085forged\u2028forged\u2029forged",
  "\\n\\u001b[2Jforged",
];

/** Bytes as they are: a client of HTTP would refuse to send them. */
const sendRaw = (port: number, path: string, header: string): Promise<string> => {
  const socket = connect(port, "127.0.0.1");
  const lines = [`GET ${path} HTTP/1.1`, "Host: localhost", header, "Connection: close", "", ""];
  socket.write(Buffer.from(lines.join("\r\n"), "latin1"));
  return text(socket);
};

/** How many of them reached the server's log. */
const attack = async (url: string): Promise<number> => {
  const port = Number(new URL(url).port);
  const answers: string[] = [];
  // What is no path begins with a letter of its own: only a path may be in the log.
  for (const piece of hostile) {
    const client = new Client({ url });
    await client.run(LogInDocument, { username: `x${piece}`, password: `x${piece}` });
    await client.post(JSON.stringify({ query: `{ public { message } } #${piece}`, operationName: piece }));
    await client.run(`query forged${piece} { public { message } }`);
    await client.send({ path: `/${encodeURIComponent(piece)}?query=x${encodeURIComponent(piece)}` });
    for (const name of ["User-Agent", "X-Forwarded-For", "X-Request-Id", "Cookie"])
      answers.push(await sendRaw(port, "/graphql?query={public{message}}", `${name}: ${piece}`));
    for (const path of [`/${piece}`, `/graphql?x${piece}`]) answers.push(await sendRaw(port, path, "A: b"));
  }
  // What is no HTTP ends before it is a request.
  return hostile.length * 4 + answers.filter((it) => /^x-request-id: /im.test(it)).length;
};

/** Controls, formats, and what ends a line or a paragraph. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe("as JSON, whatever a client sends", () => {
  let app: App;
  let requests: number;
  beforeAll(async () => {
    app = await startApp({ TRUST_PROXY: "1" });
    requests = await attack(app.url);
    await app.close();
  });

  test("makes no line but its own", () => {
    expect(app.log.filter((line) => JSON.parse(line).msg === "request")).toHaveLength(requests);
    expect(app.log.filter((line) => !/^\{[^\n]*\}\n$/.test(line))).toEqual([]);
  });

  test("is no control character, and no end of a line, in the log", () => {
    expect(app.log.filter((line) => unprintable.test(line.slice(0, -1)))).toEqual([]);
  });

  test("is in the log as a path alone, encoded as it came", () => {
    const shown = app.log.map((line) => ({ ...JSON.parse(line), path: undefined }));
    expect(shown.filter((line) => JSON.stringify(line).includes("forged"))).toEqual([]);
  });
});

describe("on a terminal, whatever a client sends", () => {
  let database: TestDatabase;
  let served: Served;
  let requests: number;
  const banner = /\nGraphward\n(?: {2}.*\n)+\n/;
  const linesOf = ({ output }: Served) => output.stdout.replace(banner, "").split("\n");
  beforeAll(async () => {
    database = await createDatabase();
    const port = await findFreePort();
    const environment = {
      DATABASE_URL: database.url,
      SESSION_SECRET: "of the server on a terminal",
      AUDIT_KEY: "of the server on a terminal",
      TRUST_PROXY: "1",
      EXPLORER: "off",
      // The real program with its own formatter, without a terminal that would hide what it was told to do.
      NODE_OPTIONS: "--import=data:text/javascript,process.stdout.isTTY=true",
    };
    served = await serve(port, { environment });
    requests = await attack(`http://127.0.0.1:${port}/graphql`);
    await served.stop("SIGTERM");
  });
  afterAll(() => database.drop());

  test("makes no line but its own", () => {
    const isTold = (line: string) => line.includes(" INFO: request ") && !line.includes('"/health/ready"');
    expect(linesOf(served).filter(isTold)).toHaveLength(requests);
    const others = linesOf(served).filter(
      (line) =>
        !/^\[\d\d:\d\d:\d\d\] (INFO: (request|malformed HTTP request refused|stopping) \{.*\}$|WARN: trusted proxy sent )/.test(
          line,
        ),
    );
    expect(others).toEqual([""]);
  });

  test("is no control character, and no end of a line, in the log", () => {
    expect(linesOf(served).filter((line) => unprintable.test(line))).toEqual([]);
  });
});
