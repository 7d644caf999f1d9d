// A port for a server under test.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** PUBLIC_URL, and with it the list of origins, must contain the port before the server listens. */
export async function findFreePort(): Promise<number> {
  // Above 10080, which browsers and `fetch` refuse; below the ports that systems give to outgoing connections, one of which could take it before the server listens.
  const port = randomInt(10_081, 32_000);
  return (await isFree(port)) ? port : findFreePort();
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
