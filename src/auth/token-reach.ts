// How far an access token reaches: the guard's part that narrows, and never widens.
import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { forbidden } from "../errors.ts";
import type { Context } from "./context.ts";
import { everyTokensScope } from "./scope.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;
type Path = GraphQLResolveInfo["path"];

/** Open root fields that a token was answered on as nobody. What is below them must not find the user again. */
const answeredAsNobody = new WeakSet<Path>();

/** A private root field without a scope that the token holds is out of its reach. */
export const withinReach =
  (resolver: Resolver, scope: string | undefined): Resolver =>
  (source, args, context, info) => {
    if (context.scopes !== null && !holdsScope(context.scopes, scope)) throw forbidden();
    return resolver(source, args, context, info);
  };

/** On an open root field, a token without its scope is nobody: it learns what everybody may know. */
export const openToTokens =
  (resolver: Resolver, scope: string | undefined): Resolver =>
  (source, args, context, info) => {
    if (context.scopes === null || holdsScope(context.scopes, scope))
      return resolver(source, args, context, info);
    answeredAsNobody.add(info.path);
    return resolver(source, args, context.asAnonymous(), info);
  };

/** Below a root field: whoever the token was there, it is here. */
export const asAtTheRoot =
  (resolver: Resolver): Resolver =>
  (source, args, context, info) =>
    context.scopes !== null && answeredAsNobody.has(rootOf(info.path))
      ? resolver(source, args, context.asAnonymous(), info)
      : resolver(source, args, context, info);

/** Nothing holds the scope of a field that has none. */
export const holdsScope = (scopes: readonly string[], scope: string | undefined): boolean =>
  scope !== undefined && (scope === everyTokensScope || scopes.includes(scope));

const rootOf = (path: Path): Path => (path.prev === undefined ? path : rootOf(path.prev));
