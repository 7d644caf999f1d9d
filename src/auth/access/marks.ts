// Reads what our decorators wrote on schema fields, and refuses a mark that would have no effect.
import type { GraphQLSchema } from "graphql";
import { isColonName } from "../text/rule-names.ts";
import type { Mark } from "./decorators.ts";
import { AccessRuleError } from "./rule-error.ts";
import { isRootType, objectFields } from "./schema-fields.ts";

/** Returns the coordinates of the root fields with the mark. Throws an AccessRuleError when any other field has it. */
export const readMarked = (schema: GraphQLSchema, mark: Mark, decorator: string): ReadonlySet<string> => {
  const marked = new Set<string>();
  for (const { type, field, coordinate } of objectFields(schema)) {
    if (field.extensions[mark] !== true) continue;
    if (!isRootType(schema, type)) throw onRootFieldsOnly(coordinate, decorator);
    marked.add(coordinate);
  }
  return marked;
};

/** Maps the coordinate of a root field to the scope that an access token needs. */
export const readScopes = (schema: GraphQLSchema): ReadonlyMap<string, string> => {
  const scopes = new Map<string, string>();
  for (const { type, field, coordinate } of objectFields(schema)) {
    const { scope } = field.extensions;
    if (scope === undefined) continue;
    if (!isRootType(schema, type)) throw onRootFieldsOnly(coordinate, "@Scope()");
    if (typeof scope !== "string" || !isColonName(scope))
      throw new AccessRuleError(
        `${coordinate} has the scope ${JSON.stringify(scope)}: a scope has a colon (profile:read).`,
      );
    scopes.set(coordinate, scope);
  }
  return scopes;
};

/** The guard itself reads the budget of each root field. */
export const refuseChargeBelowRoot = (schema: GraphQLSchema): void => {
  for (const { type, field, coordinate } of objectFields(schema))
    if (field.extensions.charged !== undefined && !isRootType(schema, type))
      throw onRootFieldsOnly(coordinate, "@Charged()");
};

const onRootFieldsOnly = (coordinate: string, decorator: string): AccessRuleError =>
  new AccessRuleError(
    `${coordinate} has ${decorator}, which is for root fields only: it would change nothing here.`,
  );
