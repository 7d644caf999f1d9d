// Builds the part of a schema that can be reached, for introspection: without resolvers, nothing else can run on it.
import {
  type GraphQLField,
  type GraphQLFieldConfigMap,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLUnionType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isUnionType,
} from "graphql";
import type { Reach } from "./schema-reach.ts";

type CompositeType = Reach["types"] extends ReadonlySet<infer Type> ? Type : never;

/** The schema itself when all of it is reached. */
export const partOfSchema = (schema: GraphQLSchema, reaches: readonly Reach[]): GraphQLSchema => {
  const types = new Set(reaches.flatMap((reach) => [...reach.types]));
  const fields = new Set(reaches.flatMap((reach) => [...reach.fields]));
  if (isWhole(schema, types, fields)) return schema;

  const built = new Map<string, CompositeType>();
  const again = <Type extends CompositeType>(type: Type): Type => {
    const known = built.get(type.name) ?? build(type);
    built.set(type.name, known);
    return known as Type;
  };
  const build = (type: CompositeType): CompositeType => {
    const { name, description } = type;
    const isShown = (it: CompositeType) => types.has(it);
    if (isUnionType(type))
      return new GraphQLUnionType({
        name,
        description,
        types: () => type.getTypes().filter(isShown).map(again),
      });
    const config = {
      name,
      description,
      interfaces: () => type.getInterfaces().filter(isShown).map(again),
      fields: () => fieldsAgain(Object.values(type.getFields()).filter((field) => fields.has(field))),
    };
    return isInterfaceType(type) ? new GraphQLInterfaceType(config) : new GraphQLObjectType(config);
  };
  const fieldsAgain = (
    shown: readonly GraphQLField<unknown, unknown>[],
  ): GraphQLFieldConfigMap<unknown, unknown> =>
    Object.fromEntries(
      shown.map(({ name, description, deprecationReason, type, args }) => [
        name,
        {
          description,
          deprecationReason,
          type: outputAgain(type),
          args: Object.fromEntries(args.map((arg) => [arg.name, arg])),
        },
      ]),
    );
  const outputAgain = (type: GraphQLOutputType): GraphQLOutputType => {
    if (isNonNullType(type)) return new GraphQLNonNull(outputAgain(type.ofType));
    if (isListType(type)) return new GraphQLList(outputAgain(type.ofType));
    return isCompositeType(type) ? again(type) : type;
  };
  const rootAgain = (type: GraphQLObjectType | null | undefined) =>
    type && types.has(type) ? again(type) : null;

  return new GraphQLSchema({
    description: schema.description,
    // A schema has a query type, even when there is nothing to ask.
    query: again(schema.getQueryType() as GraphQLObjectType),
    mutation: rootAgain(schema.getMutationType()),
    subscription: rootAgain(schema.getSubscriptionType()),
    // Also the objects behind interfaces, which no field names.
    types: [...types].map(again),
    directives: schema.getDirectives(),
    assumeValid: true,
  });
};

const isWhole = (
  schema: GraphQLSchema,
  types: ReadonlySet<CompositeType>,
  fields: ReadonlySet<GraphQLField<unknown, unknown>>,
): boolean =>
  Object.values(schema.getTypeMap()).every(
    (type) =>
      !isCompositeType(type) ||
      type.name.startsWith("__") ||
      (types.has(type) &&
        (isUnionType(type) || Object.values(type.getFields()).every((field) => fields.has(field)))),
  );
