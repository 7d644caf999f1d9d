// Publishes a live event to all servers: with the commit of its transaction, or not at all.
import { sql } from "kysely";
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
 * transaction publishes that is rolled back; two equal events of one transaction are one.
 */
export async function publishEvent(database: Database, event: Event): Promise<void> {
  await sql`select pg_notify(${ownSchema}::text || '_events', ${writeEvent(event)})`.execute(database);
}

/** The text of its notice. Throws an error for developers. */
export function writeEvent({ topic, payload }: Event): string {
  if (!/^\w{1,100}$/.test(topic))
    throw new Error(`A topic has letters, digits and underscores, not ${topic}.`);
  if (Buffer.byteLength(payload) > maxPayload)
    throw new Error(
      `An event of ${topic} is larger than ${maxPayload} bytes: publish ids, and read the rest.`,
    );
  return `${topic} ${payload}`;
}
