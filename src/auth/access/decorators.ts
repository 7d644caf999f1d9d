// The decorators that open or restrict a root field. `access.lock` lists the result; the guard enforces it.
import { Extensions } from "type-graphql";
import type { IpBudget } from "../limits/rate-limits.ts";
import type { NodeSource } from "./nodes.ts";

/** Opens one root field to everybody, with everything that can be reached below it. */
export function Public(): MethodDecorator {
  return Extensions({ public: true });
}

/**
 * Lets access tokens with this scope use one root field. It only restricts: the user's roles and permissions are still checked.
 * On a public field, a token without the scope is anonymous. Without this decorator, a private field is closed to access tokens.
 */
export function Scope(name: string): MethodDecorator {
  return Extensions({ scope: name });
}

/** Every access token has this scope, so that a person who finds a leaked token can revoke it. */
export const everyTokensScope = "own-token:revoke";

/**
 * For private root fields that an unverified user needs when REQUIRE_VERIFIED_EMAIL is on, such as the one that sends the link
 * again. Without it, a private field is closed to unverified users. Roles, permissions and scopes are still checked.
 */
export function AllowUnverified(): MethodDecorator {
  return Extensions({ allowUnverified: true });
}

/**
 * For private root fields that a user needs to add a second factor, when SECOND_FACTOR asks for one. Without it, a private field
 * is closed to a user who must add one first. Roles, permissions and scopes are still checked.
 */
export function AllowUnenrolled(): MethodDecorator {
  return Extensions({ allowUnenrolled: true });
}

/**
 * Lets an impersonator use one root field as the user. Not for fields that change credentials, emails or names, end sessions, or
 * export data. On a public field without it, the impersonator is anonymous.
 */
export function Impersonable(): MethodDecorator {
  return Extensions({ impersonable: true });
}

/**
 * For a root field that hashes, sends mail, tries a secret or reads much. A request may contain only one of them, so that
 * aliases, fragments and lists gain nothing. It spends the budget of the client's network before it runs.
 */
export function Charged(budget: IpBudget | "by its own rules"): MethodDecorator {
  return Extensions({ charged: budget });
}

/**
 * Lets `node`, `nodes` and `_entities` read one type by id, for callers who may use this root field: its roles, scopes and marks
 * decide there too.
 */
export function ReadsNodes(source: NodeSource): MethodDecorator {
  return Extensions({ nodes: source });
}

/**
 * For a field that returns a user who has proven to be the owner in this very request, though the request began as another's or
 * as nobody's: a login. Below it, the object is shown as to its owner.
 */
export function AsOwner(): MethodDecorator & PropertyDecorator {
  return Extensions({ asOwner: true });
}

/** Decorators without an argument. */
export type Mark = "public" | "allowUnverified" | "allowUnenrolled" | "impersonable";

declare module "graphql" {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration that this one is merged with
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs = any> extends Partial<Record<Mark, boolean>> {
    scope?: string;
    charged?: IpBudget | "by its own rules";
    nodes?: NodeSource;
    asOwner?: boolean;
  }
}
