// The viewer as an argument of a resolver method.
import { createParameterDecorator } from "type-graphql";
import type { Context } from "../auth/context.ts";
import { whenKnown } from "../eventual.ts";

/** For private fields, where it is never null. On an open field it throws: there, ask `context.findViewer()`. */
export const CurrentViewer = () =>
  createParameterDecorator<Context>(({ context, info }) =>
    whenKnown(context.findViewer(), (viewer) => {
      if (viewer === null)
        throw new Error(
          `@CurrentViewer() is used on the open field ${info.parentType.name}.${info.fieldName}.`,
        );
      return viewer;
    }),
  );
