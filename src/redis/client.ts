// Connects to Redis as REDIS_URL says, once: what uses a connection decides itself when to connect again.
import { createClient } from "@redis/client";
import type { Config } from "../config/config.ts";
import { seconds } from "../time.ts";

export type RedisOptions = NonNullable<Config["redis"]>;
export type RedisClient = ReturnType<typeof createRedisClient>;

const connectTimeout = seconds(2);
/** How many commands may wait for their reply. Beyond it they fail at once: a frozen Redis must not fill the memory. */
const maxWaiting = 10_000;

export const createRedisClient = ({ host, port, isTls, user, password, database, ca }: RedisOptions) => {
  const common = { host, port, connectTimeout, reconnectStrategy: false } as const;
  // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
  const tls = { tls: true, rejectUnauthorized: true, ...(ca !== null && { ca }) } as const;
  const client = createClient({
    socket: isTls ? { ...common, ...tls } : common,
    ...(user !== null && { username: user }),
    ...(password !== null && { password }),
    database,
    // The other protocol begins with a HELLO that holds the password, which an old server repeats in its error.
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
  // A command on a lost connection rejects by itself; without this listener, the event would also end the process.
  client.on("error", () => undefined);
  return client;
};

/** A frozen Redis accepts connections, because its kernel does, and replies to nothing. */
export async function connectWithin(client: RedisClient, atMost: number): Promise<void> {
  await within(atMost, client, async () => {
    await client.connect();
    await client.ping();
  });
}

/** Destroys the connection of a command that gets no reply in time: what it would say later is nobody's. */
export async function within<Value>(
  atMost: number,
  client: RedisClient,
  work: () => Promise<Value>,
): Promise<Value> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  let isSettled = false;
  const timer = setTimeout(() => {
    // When this process itself was busy for so long, the reply waits in the socket, which is read before this runs.
    setImmediate(() => {
      reject(new Error("Redis did not reply in time."));
      if (!isSettled) destroy(client);
    });
  }, atMost);
  try {
    return await Promise.race([work(), silence]);
  } finally {
    isSettled = true;
    clearTimeout(timer);
  }
}

export function destroy(client: RedisClient): void {
  // Throws when it is closed already.
  if (client.isOpen) client.destroy();
}

/**
 * The code of a failure alone: the text of a reply may repeat the command, and a command may hold the password, as AUTH does.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const [, reply] = /^([A-Z]{2,20})(?: |$)/.exec(error.message) ?? [];
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : (reply ?? error.constructor.name);
}
