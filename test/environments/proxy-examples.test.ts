// What the examples of nginx and HAProxy do by themselves, in front of servers that repeat what they receive.
import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { serviceUnavailable } from "../../src/errors.ts";
import { errorBody } from "../../src/http/error-response.ts";
import { findFreePort } from "../harness/server.ts";
import { proxies } from "./proxies.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const repeat = async (port: number): Promise<void> => {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
};

test.each(Object.entries(proxies))("%s passes no traceparent of a client on", async (_name, start) => {
  const serverPorts = [await findFreePort(), await findFreePort()];
  await Promise.all(serverPorts.map(repeat));
  const proxy = await start({ port: await findFreePort(), serverPorts });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const headers = await (await fetch(proxy.url, { headers: { traceparent, "x-own": "a" } })).json();
  expect(headers).toMatchObject({ "x-own": "a" });
  expect(headers).not.toHaveProperty("traceparent");
  await proxy.stop();
});

test("HAProxy answers in place of servers that are all gone as one of them would", async () => {
  const serverPorts = [await findFreePort(), await findFreePort()];
  const proxy = await proxies.HAProxy({ port: await findFreePort(), serverPorts });
  const answer = await fetch(proxy.url);
  expect([answer.status, answer.headers.get("content-type"), answer.headers.get("retry-after")]).toEqual([
    503,
    "application/json",
    "1",
  ]);
  const error = serviceUnavailable({ pool: "requests", reason: "starting" });
  expect(await answer.json()).toEqual(errorBody(error));
  await proxy.stop();
});
