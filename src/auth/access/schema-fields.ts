// Walks the fields of a built schema.
import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isObjectType } from "graphql";
import type { Context } from "../context.ts";

export interface SchemaField {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, Context>;
  /** For example `Query.private`. */
  readonly coordinate: string;
}

/** Every field of every object type, except introspection types. */
export const objectFields = function* (schema: GraphQLSchema): Generator<SchemaField> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields()))
      yield { type, field, coordinate: `${type.name}.${field.name}` };
  }
};

export const isRootType = (schema: GraphQLSchema, type: GraphQLObjectType): boolean =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);
