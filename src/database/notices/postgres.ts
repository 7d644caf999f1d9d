// Listens on a connection of its own for what PostgreSQL notifies.
import type pg from "pg";
import { seconds } from "../../time.ts";
import { destroyClient } from "../connecting/silence.ts";
import { channelOf, eventChannelOf } from "../own-schema.ts";
import type { NoticeKind, NoticeTransport } from "./notices.ts";

/** Without a statement of the process that listens. It makes one each second. */
const aloneAtMost = seconds(5);

export function listenOnPostgres(options: {
  readonly schema: string;
  readonly connect: () => pg.Client;
}): NoticeTransport {
  const { schema } = options;
  let client: pg.Client | null = null;
  return {
    async connect({ onNotice, onEnd }) {
      const opened = options.connect();
      client = opened;
      const end = () => void (client === opened && onEnd());
      opened.on("error", end);
      opened.on("end", end);
      await connectUnlessEnded(opened);
      await listenOn(opened, {
        schema,
        onNotice: (kind, payload) => {
          if (client === opened) onNotice(kind, payload);
        },
      });
    },
    disconnect() {
      const dropped = client;
      client = null;
      dropped?.removeAllListeners("notification");
      if (dropped !== null) destroyClient(dropped);
    },
  };
}

interface Listening {
  readonly schema: string;
  readonly onNotice: (kind: NoticeKind, payload: string) => void;
}

/**
 * Connects and listens, unless another server does it in this way. Returns whether it listens. The lock is the connection's: both
 * end together.
 */
export async function listenAlone(client: pg.Client, listening: Listening): Promise<boolean> {
  await connectUnlessEnded(client);
  // The lock of a process that is frozen, or of a machine without power, must not outlive its silence.
  await client.query(`set idle_session_timeout = ${aloneAtMost}`);
  const { rows } = await client.query<{ isLocked: boolean }>(
    `select pg_try_advisory_lock(hashtextextended($1 || ' notices', 0)) as "isLocked"`,
    [listening.schema],
  );
  if (rows[0]?.isLocked !== true) return false;
  await listenOn(client, listening);
  return true;
}

const listenOn = async (client: pg.Client, { schema, onNotice }: Listening): Promise<void> => {
  client.on("notification", ({ channel, payload = "" }) =>
    onNotice(channel === channelOf(schema) ? "revocation" : "event", payload),
  );
  await client.query(`listen ${channelOf(schema)}; listen ${eventChannelOf(schema)}`);
  await requireTriggers(client, schema);
};

/** pg never settles `connect()` when the client is ended while connecting: a server that stops then would hang. */
const connectUnlessEnded = (client: pg.Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once("end", () => reject(new Error("The connection was ended.")));
    client.connect().then(() => resolve(), reject);
  });

const triggers = [
  "sessions_deleted",
  "sessions_changed",
  "sessions_truncated",
  "access_tokens_deleted",
  "access_tokens_changed",
  "access_tokens_truncated",
  "users_changed",
];

/** Without migrated tables, or with the triggers disabled, no notice is sent: then nothing may be cached. */
const requireTriggers = async (client: pg.Client, schema: string): Promise<void> => {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int from pg_trigger
     join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
     where tgname = any($1) and tgenabled in ('O', 'A') and nspname = $2`,
    [triggers, schema],
  );
  if (rows[0]?.count !== triggers.length)
    throw new Error("The triggers that notify revocations are missing.");
};
