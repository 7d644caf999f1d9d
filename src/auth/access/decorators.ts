// The decorators that open or narrow a root field. `access.lock` shows what they open; the guard enforces them.
import { Extensions } from "type-graphql";
import type { IpBudget } from "../limits/rate-limits.ts";

/** Opens one root field to everybody, and with it all that can be reached below it. */
export function Public(): MethodDecorator {
  return Extensions({ public: true });
}

/**
 * Lets access tokens that hold the scope reach one root field. It narrows and never widens: roles and permissions of the user are
 * checked all the same. On an open field, a token without the scope is anonymous. Without it, a private field is closed to access tokens.
 */
export function Scope(name: string): MethodDecorator {
  return Extensions({ scope: name });
}

/** Every access token holds this scope: a person who finds a leaked token can end it, whatever else it may do. */
export const everyTokensScope = "own-token:revoke";

/**
 * For private root fields that an unverified account needs, such as the one that sends the link again, where REQUIRE_VERIFIED_EMAIL
 * is on. Without it, a private field is closed to unverified accounts. Roles, permissions and scopes are checked all the same.
 */
export function AllowUnverified(): MethodDecorator {
  return Extensions({ allowUnverified: true });
}

/**
 * Lets an impersonator use one root field as the user. Not for fields that change credentials, emails or names, end sessions, or
 * export data. On an open field without it, the impersonator is anonymous.
 */
export function Impersonable(): MethodDecorator {
  return Extensions({ impersonable: true });
}

/**
 * For a root field that hashes, sends mail, tries a secret or reads much: one of them a request, so that aliases, fragments and lists
 * gain nothing. Each is charged to the budget of the client's network before anything is checked.
 */
export function Charged(budget: IpBudget | "by its own rules"): MethodDecorator {
  return Extensions({ charged: budget });
}

/** Decorators that a root field has or does not have. */
export type Mark = "public" | "allowUnverified" | "impersonable";

declare module "graphql" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one is merged with
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs = any> extends Partial<Record<Mark, boolean>> {
    scope?: string;
    charged?: IpBudget | "by its own rules";
  }
}
