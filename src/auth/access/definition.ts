// Prints the schema with its access rules as directives.
import { MapperKind, mapSchema, printSchemaWithDirectives } from "@graphql-tools/utils";
import { GraphQLObjectType, type GraphQLSchema } from "graphql";
import type { AccessRules } from "./rules.ts";

export const printGuardedSchema = ({
  schema,
  rules,
}: {
  readonly schema: GraphQLSchema;
  readonly rules: AccessRules;
}): string => {
  const directivesOf = (coordinate: string): Directives => {
    const allowed = rules.allowed.get(coordinate);
    const scope = rules.scopes.get(coordinate);
    const own = rules.own.get(coordinate);
    return {
      ...(rules.open.has(coordinate) ? { public: {} } : {}),
      ...(allowed === undefined ? {} : { authorized: allowed.length > 0 ? { by: allowed } : {} }),
      ...(scope === undefined ? {} : { scope: { name: scope } }),
      ...(own === undefined ? {} : { own: own.allowed === null ? {} : { or: own.allowed[0] } }),
      ...(rules.unverified.has(coordinate) ? { allowUnverified: {} } : {}),
      ...(rules.unenrolled.has(coordinate) ? { allowUnenrolled: {} } : {}),
      ...(rules.impersonable.has(coordinate) ? { impersonable: {} } : {}),
    };
  };
  const marked = mapSchema(schema, {
    [MapperKind.OBJECT_TYPE]: (type) =>
      new GraphQLObjectType({ ...type.toConfig(), extensions: { directives: directivesOf(type.name) } }),
    [MapperKind.OBJECT_FIELD]: (field, name, type) => ({
      ...field,
      extensions: { directives: directivesOf(`${type}.${name}`) },
    }),
  });
  return `${printSchemaWithDirectives(marked)}\n`;
};

type Directives = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
