// What the decorators of this folder write on a field, for the guard and access.lock to read.
import type { AddressBudget } from "../limits/rate-limits.ts";

/** Words that a root field either has or has not. */
export type Mark = "public" | "allowUnverified" | "impersonable";

declare module "graphql" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one is merged with
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs = any> extends Partial<Record<Mark, boolean>> {
    scope?: string;
    charged?: AddressBudget | "by its own rules";
  }
}
