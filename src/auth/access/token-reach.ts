// Restricts what a token may reach when it is not the user's own session. It never widens access.

import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { forbidden } from "../../errors.ts";
import type { Context } from "../context.ts";
import { everyTokensScope } from "./decorators.ts";
import type { AccessRules } from "./rules.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;
type Path = GraphQLResolveInfo["path"];

/** Public root fields where a token was treated as anonymous. Fields below them must not find the user again. */
const answeredAsNobody = new WeakSet<Path>();

/** The limits of the caller. The user's own session has none. */
export type Limits = Pick<Context, "scopes" | "isImpersonation">;

/** What a root field allows to limited callers. Empty: it allows them nothing. */
export interface Reach {
  /** The scope that lets access tokens use it. */
  readonly scope: string | undefined;
  /** Whether impersonators may use it. */
  readonly isImpersonable: boolean;
}

export const reachOf = ({ scopes, impersonable }: AccessRules, coordinate: string): Reach => ({
  scope: scopes.get(coordinate),
  isImpersonable: impersonable.has(coordinate),
});

/** A private root field is out of reach by default. */
export const withinReach =
  (resolver: Resolver, reach: Reach): Resolver =>
  (source, args, context, info) => {
    if (!isWithin(context, reach)) throw forbidden("beyond_token");
    return resolver(source, args, context, info);
  };

/** On a public root field out of its reach, a token is anonymous, and sees what everybody may see. */
export const openToTokens =
  (resolver: Resolver, reach: Reach): Resolver =>
  (source, args, context, info) => {
    if (isWithin(context, reach)) return resolver(source, args, context, info);
    answeredAsNobody.add(info.path);
    return resolver(source, args, context.asAnonymous(), info);
  };

/** Fields below a root field use the same viewer as the root field. */
export const asAtTheRoot =
  (resolver: Resolver): Resolver =>
  (source, args, context, info) =>
    (context.scopes !== null || context.isImpersonation) && answeredAsNobody.has(rootOf(info.path))
      ? resolver(source, args, context.asAnonymous(), info)
      : resolver(source, args, context, info);

export const isWithin = ({ scopes, isImpersonation }: Limits, { scope, isImpersonable }: Reach): boolean =>
  (scopes === null || holdsScope(scopes, scope)) && (!isImpersonation || isImpersonable);

/** A field without a scope is closed to every token. */
export const holdsScope = (scopes: readonly string[], scope: string | undefined): boolean =>
  scope !== undefined && (scope === everyTokensScope || scopes.includes(scope));

const rootOf = (path: Path): Path => (path.prev === undefined ? path : rootOf(path.prev));
