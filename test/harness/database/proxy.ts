// A TCP proxy in front of the test's PostgreSQL: its connections can fall silent, as behind a firewall that forgot them.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as pass } from "node:timers/promises";

export interface DatabaseProxy {
  /** The URL of a database of the cluster, through the proxy. */
  urlOf(databaseUrl: string): string;
  /** How many connections are forwarded at the moment. */
  count(): number;
  /** These connections stay open, and nothing is forwarded any more. Without a number: all that are open now. */
  silence(count?: number): void;
  /** All connections, and new ones too: like a database that is frozen. */
  freeze(): void;
  /** What was held back is forwarded. */
  thaw(): void;
  /** What is forwarded arrives so many milliseconds later, in both directions. */
  delay(by: number): void;
  /** Ends all connections with a reset. */
  reset(): void;
  /** Ends with a reset the connection that sends the message of this number, from now on, before it arrives. */
  resetAt(message: number): void;
  /** From now on, new connections lead to this server. */
  leadTo(target: Target): void;
  close(): Promise<void>;
}

export type Target = { readonly path: string } | { readonly host: string; readonly port: number };

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export const startDatabaseProxy = async (
  target: Target | null = null,
  listenOn = 0,
): Promise<DatabaseProxy> => {
  let leadsTo = target ?? (await clusterTarget());
  let isFrozen = false;
  let delay = 0;
  let messagesToReset = 0;
  const forwarding = new Set<Pair>();
  const silent = new Set<Pair>();
  const pause = ({ client, server }: Pair) => {
    client.pause();
    server.pause();
  };
  const resume = ({ client, server }: Pair) => {
    client.resume();
    server.resume();
  };
  const forward = (client: Socket) => {
    const server = connect(leadsTo);
    const pair = { client, server };
    forwarding.add(pair);
    const end = () => {
      // A silent connection hears nothing, not even an end.
      if (silent.has(pair)) return;
      forwarding.delete(pair);
      client.destroy();
      server.destroy();
    };
    const sendTo = (socket: Socket) => {
      let before = Promise.resolve();
      return (data: Buffer) => {
        const due = performance.now() + delay;
        // In the order of arrival, whatever the delay was meanwhile.
        before = before.then(async () => {
          if (due > performance.now()) await pass(due - performance.now());
          if (!silent.has(pair)) socket.write(data);
        });
      };
    };
    const send = sendTo(server);
    const receive = (data: Buffer) => {
      messagesToReset -= 1;
      if (messagesToReset === 0) client.resetAndDestroy();
      else send(data);
    };
    client.on("data", receive).on("close", end);
    server.on("data", sendTo(client)).on("close", end);
    for (const socket of [client, server]) socket.on("error", () => undefined);
    if (isFrozen) pause(pair);
  };
  const listener = createServer(forward);
  listener.listen(listenOn, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" ? address?.port : undefined;

  return {
    urlOf(databaseUrl) {
      const { username, password, pathname } = new URL(databaseUrl);
      return `postgres://${username}:${password}@127.0.0.1:${port}${pathname}`;
    },
    count: () => forwarding.size,
    silence(count = forwarding.size) {
      for (const pair of [...forwarding].slice(0, count)) {
        pause(pair);
        forwarding.delete(pair);
        silent.add(pair);
      }
    },
    freeze() {
      isFrozen = true;
      forwarding.forEach(pause);
    },
    thaw() {
      isFrozen = false;
      forwarding.forEach(resume);
    },
    delay(by) {
      delay = by;
    },
    reset() {
      for (const { client } of forwarding) client.resetAndDestroy();
    },
    resetAt(message) {
      messagesToReset = message;
    },
    leadTo(next) {
      leadsTo = next;
    },
    async close() {
      for (const { client, server } of [...forwarding, ...silent]) {
        client.destroy();
        server.destroy();
      }
      const closed = once(listener, "close");
      listener.close();
      await closed;
    },
  };
};

/** Vitest itself is not there when the rounds of faults run without it. */
const clusterTarget = async (): Promise<Target> => {
  const { inject } = await import("vitest");
  const { host, port } = inject("graphwardCluster");
  return { path: `${host}/.s.PGSQL.${port}` };
};
