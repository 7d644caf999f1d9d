// Subscriptions by topic: from type-graphql's `@Subscription` to the events of this server.
import type { GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { getMetadataStorage } from "type-graphql";
import { AccessRuleError } from "../auth/access/rule-error.ts";
import type { Class } from "../auth/access/rules.ts";
import type { Context } from "../auth/context.ts";
import type { FilteredStream } from "../live/filtered-stream.ts";
import { isOfGraphward } from "../live/topics.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";

type Handler = ReturnType<typeof getMetadataStorage>["subscriptions"][number];

/** type-graphql builds no subscription without one. Nothing calls it: see `listenToTopics`. */
export const noPubSub = {
  publish: () => undefined,
  subscribe: (): never => {
    throw new Error("type-graphql opened a stream that Graphward opens.");
  },
};

/**
 * Replaces what type-graphql opens for topics: its filter would see the viewer for ever as at the opening of the stream. Call it
 * before the guard. Changes the schema in place; throws an AccessRuleError for a topic that nothing can send.
 */
export const listenToTopics = (
  schema: GraphQLSchema,
  { ours, all }: { readonly ours: readonly Class[]; readonly all: readonly Class[] },
): void => {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const handler of getMetadataStorage().subscriptions) {
    const field = fields[handler.schemaName];
    const target = handler.target as Class;
    // A stream of the application's own.
    if (field === undefined || !all.includes(target) || handler.topics === undefined) continue;
    const isOurs = ours.includes(target);
    if (typeof handler.topics !== "function")
      for (const topic of [handler.topics].flat())
        refuseTopic(topic, {
          coordinate: `Subscription.${handler.schemaName}`,
          isOurs,
        });
    field.subscribe = listen(handler, isOurs) as GraphQLFieldResolver<unknown, unknown>;
  }
};

const listen =
  ({ topics, topicId, filter }: Handler, isOurs: boolean): GraphQLFieldResolver<unknown, Context> =>
  (source, args, context, info): PromiseOrValue<FilteredStream<Context>> => {
    const call = { source, args, context, info };
    const named = typeof topics === "function" ? topics(call) : (topics ?? []);
    // Chosen by an argument of the client, perhaps: ours have the events of all users, and a space would choose an id.
    if (typeof topics === "function")
      for (const topic of [named].flat())
        refuseTopic(topic, { coordinate: `Subscription.${info.fieldName}`, isOurs });
    const follow = (id: unknown): PromiseOrValue<AsyncIterable<unknown>> => {
      const addresses = [named].flat().map((topic) => ({ topic, id: id === undefined ? null : String(id) }));
      if (addresses.length === 0) throw new Error(`${info.fieldName} chose no topic.`);
      return context.services.live.follow(addresses);
    };
    // May wait: it is where an application asks whether the viewer may follow this at all.
    const events = whenKnown(topicId?.(call), follow);
    if (filter === undefined) return events;
    // As the viewer may see the event: with the context of the event.
    const accepts = (payload: unknown, later: Context) => filter({ payload, args, context: later, info });
    return whenKnown(events, (found) => Object.assign(found, { accepts }));
  };

const refuseTopic = (
  topic: string,
  { coordinate, isOurs }: { readonly coordinate: string; readonly isOurs: boolean },
): void => {
  if (!/^\w{1,100}$/.test(topic))
    throw new AccessRuleError(
      `${coordinate} has the topic ${JSON.stringify(topic)}: a topic has letters, digits and underscores (TASK_CHANGED).`,
    );
  if (isOfGraphward(topic) && !isOurs)
    throw new AccessRuleError(
      `${coordinate} has the topic ${topic}: names that begin with graphward_ are Graphward's.`,
    );
};
