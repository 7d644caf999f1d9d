// Finds the types and fields that a caller may see when some fields are refused.
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { SchemaField } from "../schema-fields.ts";

export type MayUse = (field: Pick<SchemaField, "type" | "coordinate">) => boolean;

type TypeWithFields = GraphQLObjectType | GraphQLInterfaceType;

/**
 * Returns the coordinates of all visible types and fields. A type without visible fields is hidden, which hides the fields that
 * return it, and so on until nothing changes. pruneSchema() is not enough: it keeps unions without members, and objects that lack
 * a field of their interface.
 */
export function findVisible(schema: GraphQLSchema, mayUse: MayUse): ReadonlySet<string> {
  const hidden = new Set<GraphQLNamedType>();
  const isVisible = (type: TypeWithFields, field: GraphQLField<unknown, unknown>): boolean => {
    if (hidden.has(getNamedType(field.type))) return false;
    if (isObjectType(type)) return mayUse({ type, coordinate: `${type.name}.${field.name}` });
    // An object that lacks a field of its interface would make the schema invalid.
    const { objects, interfaces } = schema.getImplementations(type);
    return [...objects, ...interfaces].every((it) => {
      const own = it.getFields()[field.name];
      return hidden.has(it) || (own !== undefined && isVisible(it, own));
    });
  };
  const fieldsOf = (type: TypeWithFields) =>
    Object.values(type.getFields()).filter((field) => isVisible(type, field));
  const types = Object.values(schema.getTypeMap())
    .filter(isCompositeType)
    .filter((type) => !isIntrospectionType(type));
  const isEmpty = (type: (typeof types)[number]): boolean =>
    (isAbstractType(type) && schema.getPossibleTypes(type).every((it) => hidden.has(it))) ||
    (!isUnionType(type) && fieldsOf(type).length === 0);

  for (let before = -1; before < hidden.size; ) {
    before = hidden.size;
    for (const type of types) if (!hidden.has(type) && isEmpty(type)) hidden.add(type);
  }
  const shown = types.filter((type) => !hidden.has(type));
  return new Set(
    shown.flatMap((type) => [
      type.name,
      ...(isUnionType(type) ? [] : fieldsOf(type).map(({ name }) => `${type.name}.${name}`)),
    ]),
  );
}
