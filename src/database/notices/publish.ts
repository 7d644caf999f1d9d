// Publishes a live event to all servers: with the commit of its transaction, or not at all.
import { type Kysely, type RawBuilder, sql } from "kysely";
import { kibibytes } from "../../sizes.ts";
import { ownSchema } from "../own-schema.ts";
import type { Database } from "../tables.ts";

/** PostgreSQL takes less than 8,000 bytes in all. */
const maxPayload = kibibytes(7);

export interface Event {
  readonly topic: string;
  readonly payload: string;
}

/**
 * Each server that is fresh hears it at most once, after every revocation that was committed before. Nobody hears what a
 * transaction publishes that is rolled back; two equal events of one transaction are one. Throws an error for developers, before
 * there is a promise.
 */
export function publishEvent(database: Database, event: Event): Promise<void> {
  return notify(database, sql`${ownSchema}::text || '_events'`, event);
}

/** The same, where the schema is known by its name. */
export function notify(
  database: Kysely<unknown> | Database,
  channel: RawBuilder<unknown>,
  event: Event,
): Promise<void> {
  const text = writeEvent(event);
  return sql`select pg_notify(${channel}, ${text})`.execute(database).then(() => undefined);
}

const writeEvent = ({ topic, payload }: Event): string => {
  if (!/^\w{1,100}$/.test(topic))
    throw new Error(`A topic has letters, digits and underscores, not ${topic}.`);
  if (Buffer.byteLength(payload) > maxPayload)
    throw new Error(
      `An event of ${topic} is larger than ${maxPayload} bytes: publish ids, and read the rest.`,
    );
  return `${topic} ${payload}`;
};
