// Prints the schema as a subgraph of Apollo Federation: what a gateway composes.
import { MapperKind, mapSchema, printSchemaWithDirectives, pruneSchema } from "@graphql-tools/utils";
import { GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema, specifiedDirectives } from "graphql";
import { nodeInterface } from "./nodes.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])`;

/** A gateway has these of its own, or cannot tell which subgraph an id is of. */
const omitted: ReadonlySet<string> = new Set(["_service", "_entities", "node", "nodes"]);
/** Other subgraphs have the same type. */
const shared: ReadonlySet<string> = new Set(["PageInfo"]);

const printed = new WeakMap<GraphQLSchema, string>();

/** A type that implements `Node` is an entity, and its id is its key. */
export const printSubgraph = (schema: GraphQLSchema): string => {
  const known = printed.get(schema) ?? print(schema);
  printed.set(schema, known);
  return known;
};

const print = (schema: GraphQLSchema): string => {
  const isQuery = (type: string) => type === schema.getQueryType()?.name;
  const part = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, name, type) => (isQuery(type) && omitted.has(name) ? null : field),
  });
  const marked = mapSchema(pruneSchema(part), {
    [MapperKind.OBJECT_TYPE]: (type) =>
      new GraphQLObjectType({ ...type.toConfig(), extensions: { directives: directivesOf(type) } }),
    // The access rules are ours to enforce, not the gateway's.
    [MapperKind.DIRECTIVE]: (directive) => (specifiedDirectives.includes(directive) ? directive : null),
  });
  return `${link}\n\n${printSchemaWithDirectives(lexicographicSortSchema(marked))}\n`;
};

const directivesOf = (type: GraphQLObjectType) => ({
  ...(type.getInterfaces().some(({ name }) => name === nodeInterface) && { key: [{ fields: "id" }] }),
  ...(shared.has(type.name) && { shareable: {} }),
});
