// The one word that opens a field.
import { Extensions } from "type-graphql";

declare module "graphql" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one is merged with
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs = any> {
    public?: boolean;
  }
}

/** Opens one root field to everybody, and with it all that can be reached below it. `access.lock` shows what that is. */
export const Public = (): MethodDecorator => Extensions({ public: true });
