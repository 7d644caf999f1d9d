// Writes the same bytes again and again, and counts the responses by their length.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { milliseconds } from "../../src/time.ts";
import type { LightOrder, LightReport } from "./light-load.ts";
import { serveOrders } from "./worker.ts";

const run = async (order: LightOrder): Promise<LightReport> => {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const connections = await Promise.all(Array.from({ length: order.connections }, () => open(order)));
  await delay(order.duration);
  const answered = connections.reduce((sum, { count }) => sum + count(), 0);
  const duration = performance.now() - start;
  for (const { end } of connections) end();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { answered, duration, cpu: milliseconds((user + system) / 1000) };
};

const open = async ({ url, request: { headers, body }, expectedBody }: LightOrder) => {
  const { hostname, port, pathname } = new URL(url);
  const bytes = Buffer.from(
    [
      `POST ${pathname} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
      body,
    ].join("\r\n"),
  );
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  let count = 0;
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
    if (!received.endsWith(expectedBody)) return;
    // Ends this process, and with it the benchmark.
    if (!received.startsWith("HTTP/1.1 200 ")) throw new Error(`It said ${received.slice(0, 500)}`);
    count += 1;
    received = "";
    socket.write(bytes);
  });
  socket.write(bytes);
  return { count: () => count, end: () => socket.destroy() };
};

serveOrders(run);
