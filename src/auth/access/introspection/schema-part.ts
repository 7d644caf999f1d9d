// The part of a schema that a caller may use, for introspection: without resolvers, nothing else can run on it.
import { MapperKind, mapSchema, pruneSchema } from "@graphql-tools/utils";
import { type GraphQLFieldConfig, GraphQLObjectType, GraphQLSchema, isCompositeType } from "graphql";
import { findVisible, type MayUse } from "./visible-fields.ts";

/** What root fields lead to, of the fields that the caller may use. */
export function cutSchema(schema: GraphQLSchema, mayUse: MayUse): GraphQLSchema {
  return cut(schema, findVisible(schema, mayUse));
}

/** What is in one of the parts or in the other. */
export function joinParts(schema: GraphQLSchema, ...parts: readonly GraphQLSchema[]): GraphQLSchema {
  return cut(schema, new Set(parts.flatMap(coordinatesOf)));
}

/** The schema itself when all of it stays. */
const cut = (schema: GraphQLSchema, coordinates: ReadonlySet<string>): GraphQLSchema => {
  const part = pruneSchema(
    mapSchema(schema, {
      [MapperKind.COMPOSITE_TYPE]: (type) => (coordinates.has(type.name) ? undefined : null),
      [MapperKind.COMPOSITE_FIELD]: (field, name, type) =>
        coordinates.has(`${type}.${name}`) ? withoutResolvers(field) : null,
    }),
  );
  return coordinatesOf(part).length === coordinatesOf(schema).length ? schema : withQueryType(part, schema);
};

const withoutResolvers = ({
  resolve: _resolve,
  subscribe: _subscribe,
  ...field
}: GraphQLFieldConfig<unknown, unknown>) => field;

const coordinatesOf = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .filter(isCompositeType)
    .flatMap((type) => [
      type.name,
      ...("getFields" in type ? Object.keys(type.getFields()).map((name) => `${type.name}.${name}`) : []),
    ]);

/** A schema has a query type, even when there is nothing to ask. */
const withQueryType = (part: GraphQLSchema, schema: GraphQLSchema): GraphQLSchema => {
  const query = schema.getQueryType();
  if (part.getQueryType() || !query) return part;
  const { name, description } = query;
  return new GraphQLSchema({
    ...part.toConfig(),
    query: new GraphQLObjectType({ name, description, fields: {} }),
  });
};
