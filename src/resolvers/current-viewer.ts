// The viewer as an argument of a resolver method.

import { createParameterDecorator, type ResolverData } from "type-graphql";
import type { Context } from "../auth/context.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";

/**
 * For private fields, where it is never null. On a public field it throws: use `context.findViewer()` there.
 */
export const CurrentViewer = () => createParameterDecorator<Context>(requireViewer);

const requireViewer = ({ context, info }: ResolverData<Context>): PromiseOrValue<Viewer> =>
  whenKnown(context.findViewer(), (viewer) => {
    if (viewer === null)
      throw new Error(
        `@CurrentViewer() is used on the open field ${info.parentType.name}.${info.fieldName}.`,
      );
    return viewer;
  });

/** For the `topicId` of a private subscription, which cannot wait: the guard has asked who it is. */
export const requireKnownViewer = (context: Context): Viewer => {
  const viewer = context.findViewer();
  if (viewer === null || viewer instanceof Promise)
    throw new Error("requireKnownViewer() is for private subscriptions, after the guard.");
  return viewer;
};
