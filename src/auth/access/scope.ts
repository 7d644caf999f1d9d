// What an access token needs to reach a field: without a scope, a field is out of its reach.
import type { GraphQLSchema } from "graphql";
import { Extensions } from "type-graphql";
import { isRootType, objectFields } from "./schema-fields.ts";

/** Every access token holds it: whoever finds one that leaked can end it, whatever else it may do. */
export const everyTokensScope = "own-token:revoke";

/**
 * Lets access tokens that hold the scope reach one root field. It narrows and never widens: the user's roles and permissions
 * are asked all the same. On an open field a token without the scope is anonymous.
 */
export const Scope = (name: string): MethodDecorator => Extensions({ scope: name });

/** Every scope that a token can be given. */
export const scopesOf = (schema: GraphQLSchema): readonly string[] => {
  const scopes = new Set<string>();
  for (const { type, field } of objectFields(schema))
    if (isRootType(schema, type) && field.extensions.scope !== undefined) scopes.add(field.extensions.scope);
  return [...scopes].sort();
};
