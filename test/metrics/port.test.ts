import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { reviewDeployment } from "../../src/config/review.ts";
import { problemsOf, production } from "../harness/configuration.ts";
import { scrape, withMetrics } from "../harness/scrape.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp(withMetrics);
});
afterAll(() => app.close());

const ask = (path: string, method = "GET") =>
  fetch(`http://127.0.0.1:${app.server.metricsPort}${path}`, { method });

/** Whether anybody listens there. */
const isOpen = async (port: number, host: string): Promise<boolean> => {
  const socket = connect({ port, host });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

test("without METRICS_PORT there are none: no port, and no path of the service", async () => {
  const silent = await startApp();
  expect(silent.server.metricsPort).toBeNull();
  expect(silent.log.join("")).not.toContain("metrics");
  expect((await fetch(`${silent.origin}/metrics`)).status).toBe(404);
  await silent.close();
});

test("with it, the service's own port has no /metrics either", async () => {
  expect((await fetch(`${app.origin}/metrics`)).status).toBe(404);
});

test("GET /metrics is Prometheus' text, and everything else is 404", async () => {
  const response = await ask("/metrics");
  expect([
    response.status,
    response.headers.get("content-type"),
    response.headers.get("cache-control"),
  ]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8", "no-store"]);
  expect(await response.text()).toMatch(/^# HELP graphward_/);
  expect((await ask("/metrics?x=1")).status).toBe(200);
  for (const path of ["/", "/metrics/", "/metricsx", "/METRICS", "/graphql", "/health/live", "/..%2fmetrics"])
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
    expect([method, (await ask("/metrics", method)).status]).toEqual([method, 404]);
});

test("it listens on loopback alone, unless METRICS_HOST says otherwise", async () => {
  const address = Object.values(networkInterfaces())
    .flatMap((it) => it ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  // A machine without a network has no other address; a second one of loopback is as good.
  const other = address ?? "127.0.0.2";
  expect(await isOpen(app.server.metricsPort ?? 0, "127.0.0.1")).toBe(true);
  expect(await isOpen(app.server.metricsPort ?? 0, other)).toBe(false);
  const everywhere = await startApp({ ...withMetrics, METRICS_HOST: "0.0.0.0" });
  expect(await isOpen(everywhere.server.metricsPort ?? 0, other)).toBe(true);
  await everywhere.close();
});

test("a port that is taken ends the start with one line, before anything is done", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const own = await findFreePort();
  await expect(startApp({ METRICS_PORT: String(port), PORT: String(own) })).rejects.toThrow(
    new Error(`Cannot serve metrics on 127.0.0.1:${port}: the port is in use; choose another METRICS_PORT.`),
  );
  expect(await isOpen(own, "127.0.0.1")).toBe(false);
  taken.close();
});

test("a server that ends is scraped until all its requests are done, and then no more", async () => {
  const ending = await startApp({ ...withMetrics, SHUTDOWN_DELAY: "1s" });
  const port = ending.server.metricsPort ?? 0;
  const closing = ending.server.close();
  expect((await scrape(ending)).valueOf("graphward_operations_total")).toBe(0);
  await closing;
  expect(await isOpen(port, "127.0.0.1")).toBe(false);
  await ending.close().catch(() => undefined);
});

test("connections beyond a few are refused, and leave the port as it was", async () => {
  const sockets = Array.from({ length: 32 }, () => connect(app.server.metricsPort ?? 0, "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const excess = connect(app.server.metricsPort ?? 0, "127.0.0.1");
  excess.on("error", () => undefined);
  await once(excess, "close");
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(() =>
      ask("/metrics").then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});

describe("the settings", () => {
  test("take a port, and another one than PORT", () => {
    expect(readConfig({ METRICS_PORT: "9464" })).toMatchObject({
      metricsPort: 9464,
      metricsHost: "127.0.0.1",
    });
    expect(readConfig({}).metricsPort).toBeNull();
    for (const METRICS_PORT of ["x", "70000", "-1", "9464x"])
      expect(problemsOf({ METRICS_PORT })).toEqual([expect.stringMatching(/^METRICS_PORT: must be /)]);
    expect(problemsOf({ PORT: "4000", METRICS_PORT: "4000" })).toEqual([
      "METRICS_PORT: must differ from PORT",
    ]);
  });

  test("are reviewed: everyone who reaches the port can read", () => {
    const findingsOf = (environment: NodeJS.ProcessEnv) =>
      reviewDeployment(readConfig({ ...production, ...environment })).filter(({ name }) =>
        name.startsWith("METRICS_"),
      );
    expect(findingsOf({ METRICS_PORT: "9464" })).toEqual([]);
    expect(findingsOf({ METRICS_HOST: "0.0.0.0" })).toEqual([]);
    expect(findingsOf({ METRICS_PORT: "9464", METRICS_HOST: "0.0.0.0" })).toEqual([
      expect.objectContaining({ severity: "warning", text: expect.stringContaining("is not loopback") }),
    ]);
  });

  test("are reviewed: no Prometheus finds a port that the system chooses, which is for tests", () => {
    const findingsOf = (environment: NodeJS.ProcessEnv) =>
      reviewDeployment(readConfig(environment)).filter(({ name }) => name === "METRICS_PORT");
    const METRICS_PORT = "0";
    const text = expect.stringMatching(/^is 0: /);
    expect(findingsOf({ ...production, METRICS_PORT })).toEqual([
      { severity: "error", name: "METRICS_PORT", text },
    ]);
    expect(findingsOf({ METRICS_PORT })).toEqual([{ severity: "warning", name: "METRICS_PORT", text }]);
    expect(findingsOf({ ...production, METRICS_PORT: "9464" })).toEqual([]);
  });
});
