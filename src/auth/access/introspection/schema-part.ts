// Cuts the schema to the part that a caller may use, for introspection: without resolvers, so that nothing else can run on it.
import { MapperKind, mapSchema, pruneSchema } from "@graphql-tools/utils";
import { type GraphQLFieldConfig, GraphQLObjectType, GraphQLSchema, isCompositeType } from "graphql";
import { nodeInterface, readNodeSources } from "../nodes.ts";
import { findVisible, type MayUse } from "./visible-fields.ts";

/** Keeps the root fields that the caller may use, and everything reachable from them. */
export function cutSchema(schema: GraphQLSchema, mayUse: MayUse): GraphQLSchema {
  return cut(schema, findVisible(schema, mayUse));
}

/** The union of the parts. */
export function joinParts(schema: GraphQLSchema, ...parts: readonly GraphQLSchema[]): GraphQLSchema {
  return cut(schema, new Set(parts.flatMap(coordinatesOf)));
}

/** Returns the schema itself when nothing is removed. */
const cut = (schema: GraphQLSchema, coordinates: ReadonlySet<string>): GraphQLSchema => {
  const nodes = readNodeSources(schema);
  const part = pruneSchema(
    mapSchema(schema, {
      [MapperKind.COMPOSITE_TYPE]: (type) => (coordinates.has(type.name) ? undefined : null),
      [MapperKind.OBJECT_TYPE]: (type) => {
        if (!coordinates.has(type.name)) return null;
        const sources = nodes.get(type.name) ?? [];
        if (sources.length === 0 || sources.some((coordinate) => coordinates.has(coordinate))) return type;
        // `node` does not read it for this caller, so that it must not be shown as one of its types.
        const { interfaces, ...config } = type.toConfig();
        return new GraphQLObjectType({
          ...config,
          interfaces: interfaces.filter(({ name }) => name !== nodeInterface),
        });
      },
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

/** A schema must have a query type, even an empty one. */
const withQueryType = (part: GraphQLSchema, schema: GraphQLSchema): GraphQLSchema => {
  const query = schema.getQueryType();
  if (part.getQueryType() || !query) return part;
  const { name, description } = query;
  return new GraphQLSchema({
    ...part.toConfig(),
    query: new GraphQLObjectType({ name, description, fields: {} }),
  });
};
