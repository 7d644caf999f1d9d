// Lists every way from a root field to a type whose fields belong to one user.
import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from "graphql";
import type { AccessRules } from "../rules.ts";
import { isRootType, objectFields, type SchemaField } from "../schema-fields.ts";

/**
 * The lines of `access.lock`. Each root field has its shortest way. A field that is on none of them, but on a longer one, has a
 * line of its own, so that the number of lines grows with the number of fields, and yet no new way goes unnoticed.
 */
export const describeOwnTypes = (schema: GraphQLSchema, { own, shown, asOwner }: AccessRules): string[] => {
  const fields = [...own].map(
    ([coordinate, { allowed }]) => `own ${coordinate}${allowed === null ? "" : ` or ${allowed[0]}`}\n`,
  );
  const guarded = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ extensions }) => extensions.ownOr !== undefined)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const into = fieldsInto(schema);
  return [
    ...fields.sort(),
    ...[...shown].sort().map((coordinate) => `shown ${coordinate}\n`),
    ...[...asOwner].sort().map((coordinate) => `as-owner ${coordinate}\n`),
    ...guarded.flatMap((type) => describeWays(schema, into, type)),
  ];
};

const describeWays = (schema: GraphQLSchema, into: FieldsInto, type: GraphQLObjectType): string[] => {
  const { steps, next } = findSteps(into, type);
  const ways = steps
    .filter((step) => isRootType(schema, step.type))
    .map((root) => {
      const way = [root];
      for (let step = next.get(root); step !== undefined; step = next.get(step)) way.push(step);
      return way;
    });
  const covered = new Set(ways.flat());
  return [
    ...ways.map((way) => `reach ${type.name} from ${way.map(({ coordinate }) => coordinate).join(" > ")}\n`),
    ...steps
      .filter((step) => !covered.has(step))
      .map(({ coordinate }) => `reach ${type.name} through ${coordinate}\n`),
  ];
};

interface Steps {
  /** Every field from which the type can be reached, in alphabetical order. */
  readonly steps: readonly SchemaField[];
  /** The next step of the shortest way; none after a field that returns the type itself. */
  readonly next: ReadonlyMap<SchemaField, SchemaField | undefined>;
}

/** The fields that may return objects of a type, in alphabetical order. */
type FieldsInto = ReadonlyMap<GraphQLObjectType, readonly SchemaField[]>;

/** Once for all types: this is a part of every start. */
const fieldsInto = (schema: GraphQLSchema): FieldsInto => {
  const into = new Map<GraphQLObjectType, SchemaField[]>();
  for (const field of [...objectFields(schema)].sort(byCoordinate))
    for (const type of returns(schema, field)) {
      const fields = into.get(type) ?? [];
      fields.push(field);
      into.set(type, fields);
    }
  return into;
};

const byCoordinate = (left: SchemaField, right: SchemaField): number =>
  left.coordinate < right.coordinate ? -1 : 1;

/** Breadth first, from the type backwards, so that the first way to be found is the shortest. */
const findSteps = (into: FieldsInto, target: GraphQLObjectType): Steps => {
  const next = new Map<SchemaField, SchemaField | undefined>();
  let ends: readonly (readonly [GraphQLObjectType, SchemaField | undefined])[] = [[target, undefined]];
  while (ends.length > 0) {
    const found: (readonly [GraphQLObjectType, SchemaField])[] = [];
    for (const [type, step] of ends)
      for (const field of into.get(type) ?? [])
        if (!next.has(field)) {
          next.set(field, step);
          found.push([field.type, field]);
        }
    ends = found;
  }
  return { steps: [...next.keys()].sort(byCoordinate), next };
};

/** The types of the objects that a field may return. */
export const returns = (schema: GraphQLSchema, { field }: SchemaField): readonly GraphQLObjectType[] => {
  const type = getNamedType(field.type);
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  return isObjectType(type) ? [type] : [];
};
