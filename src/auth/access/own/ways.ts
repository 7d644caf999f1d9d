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
  return [
    ...fields.sort(),
    ...[...shown].sort().map((coordinate) => `shown ${coordinate}\n`),
    ...[...asOwner].sort().map((coordinate) => `as-owner ${coordinate}\n`),
    ...guarded.flatMap((type) => describeWays(schema, type)),
  ];
};

const describeWays = (schema: GraphQLSchema, type: GraphQLObjectType): string[] => {
  const { steps, next } = findSteps(schema, type);
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

/** Breadth first, from the type backwards, so that the first way to be found is the shortest. */
export const findSteps = (schema: GraphQLSchema, target: GraphQLObjectType): Steps => {
  const fields = [...objectFields(schema)].sort((left, right) =>
    left.coordinate < right.coordinate ? -1 : 1,
  );
  const next = new Map<SchemaField, SchemaField | undefined>();
  let ends: readonly (readonly [GraphQLObjectType, SchemaField | undefined])[] = [[target, undefined]];
  while (ends.length > 0) {
    const found: (readonly [GraphQLObjectType, SchemaField])[] = [];
    for (const [type, step] of ends)
      for (const field of fields)
        if (!next.has(field) && returns(schema, field).includes(type)) {
          next.set(field, step);
          found.push([field.type, field]);
        }
    ends = found;
  }
  return { steps: fields.filter((field) => next.has(field)), next };
};

/** The types of the objects that a field may return. */
export const returns = (schema: GraphQLSchema, { field }: SchemaField): readonly GraphQLObjectType[] => {
  const type = getNamedType(field.type);
  if (isAbstractType(type)) return schema.getPossibleTypes(type);
  return isObjectType(type) ? [type] : [];
};
