import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { createProviderFetch } from "../../../src/auth/providers/fetch.ts";

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

const serve = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const get = { method: "GET", headers: {}, body: undefined, redirect: "manual" } as const;
const outside = createProviderFetch({ allowsPrivate: false, allowsLoopback: false });
const development = createProviderFetch({ allowsPrivate: false, allowsLoopback: true });

describe("a request to a provider", () => {
  test.each([
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::a00:1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "http://198.41.0.4/",
    "ftp://198.41.0.4/",
  ])("never goes to %s", async (url) => {
    await expect(outside(url, get)).rejects.toThrow("has an address that is not allowed");
  });

  test("never goes to a name of this machine or of a private network, by the address that it would use", async () => {
    await expect(outside("https://localhost:1/", get)).rejects.toThrow("has an address that is not allowed");
  });

  test("in development goes to this machine without TLS, and to no other", async () => {
    const port = await serve((_, response) => response.end("here"));
    expect(await (await development(`http://localhost:${port}/`, get)).text()).toBe("here");
    await expect(development("http://10.0.0.1/", get)).rejects.toThrow("has an address that is not allowed");
  });

  test("ends after its time, whether nothing comes or a part", async () => {
    const slow = createProviderFetch({ allowsPrivate: false, allowsLoopback: true }, 50);
    const silent = await serve(() => undefined);
    const stalling = await serve((_, response) => void response.write("{"));
    for (const port of [silent, stalling])
      await expect(slow(`http://localhost:${port}/`, get)).rejects.toThrow("is too slow");
  });

  test("takes 256 KiB and not more, and follows no redirect", async () => {
    const port = await serve(({ url }, response) => {
      if (url === "/away") response.writeHead(302, { location: "/" }).end();
      else response.end("x".repeat(256 * 1024 + (url === "/more" ? 1 : 0)));
    });
    expect((await (await development(`http://localhost:${port}/`, get)).text()).length).toBe(256 * 1024);
    await expect(development(`http://localhost:${port}/more`, get)).rejects.toThrow("more than 256 KiB");
    expect((await development(`http://localhost:${port}/away`, get)).status).toBe(302);
  });
});
