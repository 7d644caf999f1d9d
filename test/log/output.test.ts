import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { until } from "../harness/mail/mail.ts";
import { begin, isReady, productionEnvironment, type Served } from "../harness/process.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import { LogInDocument, PublicDocument } from "../operations/generated/graphql.ts";

/** Milliseconds. A process that waits for the reader of its log never ends. */
const inTime = 10_000;

let copy: TestDatabase;
let port: number;
let server: Served | null = null;

beforeAll(async () => {
  copy = await createDatabase();
});
afterAll(() => copy.drop());
beforeEach(async () => {
  port = await findFreePort();
});
afterEach(() => server?.kill());

const start = async (options: {
  readonly stdout: number | "unread";
  readonly environment?: NodeJS.ProcessEnv;
}): Promise<Served> => {
  const environment = {
    ...productionEnvironment(),
    RATE_LIMITS: withoutLimits,
    DATABASE_URL: copy.url,
    ...options.environment,
  };
  const started = begin(port, { ...options, environment });
  server = started;
  await until(async () => (await isReady(port)) || null);
  return started;
};

const client = () => new Client({ url: `http://127.0.0.1:${port}/graphql` });

const expectService = async () => {
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  expect((await client().run(PublicDocument)).status).toBe(200);
  expect(
    (await client().run(LogInDocument, { username: "nobody", password: "a wrong password" })).codes,
  ).toEqual(["INVALID_CREDENTIALS"]);
};

/** One after the other on one socket, each with as long a line in the log as a request may have. */
const flood = (count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const request = `GET /${"a".repeat(250)} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    let answered = 0;
    socket.on("error", reject).on("data", (data) => {
      answered += data.toString("latin1").split("HTTP/1.1 404").length - 1;
      if (answered < count) return;
      socket.destroy();
      resolve();
    });
    socket.write(request.repeat(count));
  });

/** As Prometheus reads it, which needs no log. */
const countDropped = async (metricsPort: number): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^graphward_log_lines_dropped_total (\d+)$/m.exec(text)?.[1]);
};

describe("when nobody reads the log", () => {
  test("service goes on, lines are dropped and counted, and none is cut once somebody reads again", async () => {
    const metricsPort = await findFreePort();
    const started = await start({ stdout: "unread", environment: { METRICS_PORT: String(metricsPort) } });
    // More than a pipe and our own memory hold.
    const [sockets, each] = [4, 3500];
    await Promise.all(Array.from({ length: sockets }, () => flood(each)));
    await expectService();
    expect(await countDropped(metricsPort)).toBeGreaterThan(0);
    started.readOn();
    const dropped = await until(async () => {
      // Something is logged, so that something is written.
      await client().run(PublicDocument);
      return /"lines":(\d+),"msg":"log lines dropped, standard output did not take them"/.exec(
        started.output.stdout,
      )?.[1];
    });
    expect(Number(dropped)).toBeGreaterThan(0);
    expect(await countDropped(metricsPort)).toBe(Number(dropped));
    await started.stop("SIGTERM");
    await until(async () => started.output.stdout.includes('"msg":"stopping"') || null);
    const lines = started.output.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const floods = lines.filter(({ msg, status }) => msg === "request" && status === 404).length;
    expect(floods).toBeLessThan(sockets * each);
    expect(floods + Number(dropped)).toBeGreaterThanOrEqual(sockets * each);
  });

  test("lines of workers are counted and told of too, which leave by the primary process", async () => {
    const metricsPort = await findFreePort();
    const environment = { METRICS_PORT: String(metricsPort), WORKERS: "2" };
    const started = await start({ stdout: "unread", environment });
    // In small parts: all at once, the workers would lose lines before the primary process has them.
    const countAfterMore = async () => {
      await flood(500);
      return countDropped(metricsPort);
    };
    await expect.poll(countAfterMore, { timeout: 6 * inTime }).toBeGreaterThan(0);
    started.readOn();
    await until(async () => {
      await client().run(PublicDocument);
      return started.output.stdout.includes("log lines dropped, standard output did not take them") || null;
    });
  });
});

describe("while nobody reads the log, a signal ends the process with status 0:", () => {
  test.each(["SIGTERM", "SIGHUP"] as const)("%s", async (signal) => {
    const started = await start({ stdout: "unread" });
    await flood(500);
    const { status, took } = await started.stop(signal);
    expect(status).toBe(0);
    expect(took).toBeLessThan(inTime);
  });
});

describe.runIf(process.platform === "linux")("when the disk of the log is full", () => {
  let full: number;
  beforeEach(() => {
    full = openSync("/dev/full", "w");
  });
  afterEach(() => closeSync(full));

  test("service goes on, and SIGTERM ends the process with status 0", async () => {
    const started = await start({ stdout: full });
    await flood(500);
    await expectService();
    const { status, took } = await started.stop("SIGTERM");
    expect(status).toBe(0);
    expect(took).toBeLessThan(inTime);
    expect(started.output.stderr).toBe("");
  });
});

describe("an uncaught exception ends the process with status 1, within seconds,", () => {
  const crash = async (stdout: number | "unread") => {
    const throwing = encodeURIComponent('process.on("SIGUSR2", () => { throw new Error("crash") })');
    const started = await start({
      stdout,
      environment: { NODE_OPTIONS: `--import=data:text/javascript,${throwing}` },
    });
    await flood(500);
    const { status, took } = await started.stop("SIGUSR2");
    expect(status).toBe(1);
    expect(took).toBeLessThan(inTime);
  };

  test("while nobody reads the log", () => crash("unread"));

  test.runIf(process.platform === "linux")("with a full disk", async () => {
    const full = openSync("/dev/full", "w");
    await crash(full);
    closeSync(full);
  });
});
