// Sends an event to the subscriptions of all servers, with the commit of the transaction that publishes it.
import { TransactionContext } from "@mikro-orm/core";
import type { EntityManager } from "@mikro-orm/postgresql";
import { type Kysely, sql } from "kysely";
import { type Event, notify, publishEvent } from "../database/notices/publish.ts";
import { eventChannelOf } from "../database/own-schema.ts";
import type { Database } from "../database/tables.ts";
import { writePayload } from "./payloads.ts";
import type { PayloadOf, PlainJson, TopicName } from "./topic-types.ts";
import { isOfGraphward } from "./topics.ts";

/** The context of a request, an entity manager, or a transaction of `context.database`. */
export type Publisher = { readonly em: EntityManager } | EntityManager | Database;

export interface PublishOptions {
  /** Reaches the subscriptions whose `topicId` is this id, and no others. */
  readonly id?: string;
}

/**
 * Inside a transaction, the event is sent after the commit, and not at all if it is rolled back; outside, at once. `payload` becomes
 * JSON of at most 7 KiB: send ids, and let the subscription read the rest as its viewer. Put no secret into it. Throws at once, and
 * not by its promise, for a topic or a payload that no event can have.
 */
export function publish<Topic extends TopicName>(
  publisher: Publisher,
  topic: Topic,
  payload: PlainJson<PayloadOf<Topic>>,
  { id }: PublishOptions = {},
): Promise<void> {
  if (isOfGraphward(topic))
    throw new Error(`publish() was given ${topic}: topics that begin with graphward_ are Graphward's.`);
  const sending = send(publisher, {
    topic,
    payload: writePayload(topic, { value: payload, id: id ?? null }),
  });
  // Without `await`, nobody handles a rejection of the database, and it would end the server. A transaction's commit fails anyway.
  sending.catch(() => undefined);
  return sending;
}

/** Throws before it sends, and not by its promise: otherwise a text that a user made too long would be lost without a word. */
const send = (publisher: Publisher, event: Event): Promise<void> => {
  if ("selectFrom" in publisher) return publishEvent(publisher, event);
  const em = inTransaction("em" in publisher ? publisher.em : publisher);
  const schema = em.config.get("schema");
  if (schema === undefined) throw new Error("publish() needs the entity manager of a Graphward server.");
  const database = em.getTransactionContext<Kysely<unknown>>() ?? em.getKysely<unknown>();
  return notify(database, sql`${eventChannelOf(schema)}`, event);
};

/** Inside `em.transactional()`, the entity manager that it was called on stands for the transaction too. */
const inTransaction = (em: EntityManager): EntityManager => {
  const running = TransactionContext.getEntityManager(em.name) as EntityManager | undefined;
  return running !== undefined && running.config === em.config ? running : em;
};
