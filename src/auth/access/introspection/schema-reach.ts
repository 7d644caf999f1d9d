// What a caller can reach in a schema, when some of its fields refuse them.
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLUnionType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
} from "graphql";
import { isRootType, type SchemaField } from "../schema-fields.ts";

export interface Reach {
  /** Inputs, enums and scalars come along with the fields that use them. */
  readonly types: ReadonlySet<CompositeType>;
  readonly fields: ReadonlySet<GraphQLField<unknown, unknown>>;
}

type CompositeType = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType;
type TypeWithFields = GraphQLObjectType | GraphQLInterfaceType;

export type MayUse = (field: Pick<SchemaField, "type" | "coordinate">) => boolean;

/** Follows the root fields that may be used to all that they can answer with. */
export const findReach = (schema: GraphQLSchema, mayUse: MayUse): Reach => {
  const fieldsOf = createVisibleFields(schema, mayUse);
  const types = new Set<CompositeType>();
  const fields = new Set<GraphQLField<unknown, unknown>>();
  const returned = new Set<GraphQLNamedType>();

  /** Shows a type. Of an interface that an object only happens to have, the other objects stay hidden. */
  const show = (type: GraphQLNamedType): void => {
    if (!isCompositeType(type) || types.has(type)) return;
    types.add(type);
    if (isUnionType(type)) return;
    for (const it of type.getInterfaces()) if (fieldsOf(it).length > 0) show(it);
    for (const field of fieldsOf(type)) {
      fields.add(field);
      const answer = getNamedType(field.type);
      if (isObjectType(type)) reach(answer);
      else show(answer);
    }
  };
  /** What a field can answer with. */
  const reach = (type: GraphQLNamedType): void => {
    if (returned.has(type)) return;
    returned.add(type);
    show(type);
    if (!isAbstractType(type)) return;
    for (const possible of schema.getPossibleTypes(type)) if (fieldsOf(possible).length > 0) reach(possible);
  };

  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) && isRootType(schema, type) && fieldsOf(type).length > 0) show(type);
  return { types, fields };
};

/**
 * The fields of a type that may be used and answer with something. A type without any is hidden, and then the fields that
 * answer with it, until nothing changes.
 */
const createVisibleFields = (schema: GraphQLSchema, mayUse: MayUse) => {
  const hidden = new Set<GraphQLNamedType>();
  const isVisible = (type: TypeWithFields, field: GraphQLField<unknown, unknown>): boolean => {
    if (hidden.has(getNamedType(field.type))) return false;
    if (isObjectType(type)) return mayUse({ type, coordinate: `${type.name}.${field.name}` });
    // An object without a field of its interface would make the schema invalid.
    const { objects, interfaces } = schema.getImplementations(type);
    return [...objects, ...interfaces].every((it) => {
      const own = it.getFields()[field.name];
      return hidden.has(it) || (own !== undefined && isVisible(it, own));
    });
  };
  const fieldsOf = (type: TypeWithFields) =>
    hidden.has(type) ? [] : Object.values(type.getFields()).filter((field) => isVisible(type, field));
  const isEmpty = (type: CompositeType): boolean =>
    (isAbstractType(type) && schema.getPossibleTypes(type).every((it) => hidden.has(it))) ||
    (!isUnionType(type) && fieldsOf(type).length === 0);

  for (let before = -1; before < hidden.size; ) {
    before = hidden.size;
    for (const type of Object.values(schema.getTypeMap()))
      if (isCompositeType(type) && !type.name.startsWith("__") && isEmpty(type)) hidden.add(type);
  }
  return fieldsOf;
};
