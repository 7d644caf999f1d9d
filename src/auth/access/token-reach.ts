// How far a token reaches that is not its user's own login: the guard's part that narrows, and never widens.

import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { forbidden } from "../../errors.ts";
import type { Context } from "../context.ts";
import { everyTokensScope } from "./decorators.ts";
import type { AccessRules } from "./rules.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;
type Path = GraphQLResolveInfo["path"];

/** Open root fields that a token was answered on as nobody. What is below them must not find the user again. */
const answeredAsNobody = new WeakSet<Path>();

/** Of whoever is calling. An own login has none. */
export type Limits = Pick<Context, "scopes" | "isImpersonation">;

/** What a root field says of itself. Nothing puts it out of reach. */
export interface Reach {
  /** For access tokens that hold it. */
  readonly scope: string | undefined;
  /** For whoever acts as another user. */
  readonly isImpersonable: boolean;
}

export const reachOf = ({ scopes, impersonable }: AccessRules, coordinate: string): Reach => ({
  scope: scopes.get(coordinate),
  isImpersonable: impersonable.has(coordinate),
});

/** A private root field is out of reach unless it says otherwise. */
export const withinReach =
  (resolver: Resolver, reach: Reach): Resolver =>
  (source, args, context, info) => {
    if (!isWithin(context, reach)) throw forbidden();
    return resolver(source, args, context, info);
  };

/** On an open root field out of its reach, a token is nobody: it learns what everybody may know. */
export const openToTokens =
  (resolver: Resolver, reach: Reach): Resolver =>
  (source, args, context, info) => {
    if (isWithin(context, reach)) return resolver(source, args, context, info);
    answeredAsNobody.add(info.path);
    return resolver(source, args, context.asAnonymous(), info);
  };

/** Below a root field: whoever the token was there, it is here. */
export const asAtTheRoot =
  (resolver: Resolver): Resolver =>
  (source, args, context, info) =>
    (context.scopes !== null || context.isImpersonation) && answeredAsNobody.has(rootOf(info.path))
      ? resolver(source, args, context.asAnonymous(), info)
      : resolver(source, args, context, info);

export const isWithin = ({ scopes, isImpersonation }: Limits, { scope, isImpersonable }: Reach): boolean =>
  (scopes === null || holdsScope(scopes, scope)) && (!isImpersonation || isImpersonable);

/** Nothing holds the scope of a field that has none. */
export const holdsScope = (scopes: readonly string[], scope: string | undefined): boolean =>
  scope !== undefined && (scope === everyTokensScope || scopes.includes(scope));

const rootOf = (path: Path): Path => (path.prev === undefined ? path : rootOf(path.prev));
