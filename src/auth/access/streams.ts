// Subscriptions behind the guard: who may open a stream, and who may still see its next event.
import type { GraphQLFieldResolver } from "graphql";
import { type PromiseOrValue, whenKnown } from "../../promise-or-value.ts";
import type { Context } from "../context.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Throws as the guard does for a viewer who may not see an event. Returns the context for its filter: an anonymous one for a token out of its reach. */
type Admission = (context: Context) => PromiseOrValue<Context>;

const admissions = new WeakMap<object, Admission>();

/** Keeps the checks of the field with the stream that it opened, so that each event passes them again. */
export const keepAdmission =
  (subscribe: Resolver, enter: Resolver): Resolver =>
  (source, args, context, info) =>
    whenKnown(subscribe(source, args, context, info) as PromiseOrValue<unknown>, (stream) => {
      if (typeof stream === "object" && stream !== null)
        admissions.set(stream, (later) => enter(source, args, later, info) as PromiseOrValue<Context>);
      return stream;
    });

/** What is behind the checks. */
export const enterStream: Resolver = (_source, _args, context) => context;

export function admissionOf(stream: object): Admission {
  const admission = admissions.get(stream);
  if (admission === undefined) throw new Error("This stream was not opened by a guarded field.");
  return admission;
}
