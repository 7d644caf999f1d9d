// Reads the access rules from type-graphql's metadata, and refuses rules that would not be enforced.
import { type GraphQLSchema, isObjectType } from "graphql";
import { getMetadataStorage } from "type-graphql";
import { isRuleName } from "../text/rule-names.ts";
import { readMarked, readScopes, refuseChargeBelowRoot } from "./marks.ts";
import { readNodeSources } from "./nodes.ts";
import { type OwnRules, readOwnRules } from "./own/rules.ts";
import { AccessRuleError } from "./rule-error.ts";
import type { SchemaField } from "./schema-fields.ts";

export type Class = ReturnType<typeof getMetadataStorage>["objectTypes"][number]["target"];

export interface AccessRules extends OwnRules {
  /** Coordinates of the public root fields, such as `Query.public`. */
  readonly open: ReadonlySet<string>;
  /** Maps a field coordinate or type name to its names, of which one is enough; an empty list requires any viewer. */
  readonly allowed: ReadonlyMap<string, readonly string[]>;
  /** Maps the coordinate of a root field to the scope that an access token needs. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Coordinates of the private root fields for users with an unverified email. */
  readonly unverified: ReadonlySet<string>;
  /** Coordinates of the private root fields for users who must add a second factor. */
  readonly unenrolled: ReadonlySet<string>;
  /** Coordinates of the root fields that an impersonator may use. */
  readonly impersonable: ReadonlySet<string>;
  /** Maps a type that implements `Node` to the coordinates of the root fields that read it. */
  readonly nodes: ReadonlyMap<string, readonly string[]>;
}

/** The rules of a field, all of which must pass. Empty: the field is public. */
export const rulesOf = (
  { open, allowed }: AccessRules,
  { isRoot, type, coordinate }: Pick<SchemaField, "type" | "coordinate"> & { readonly isRoot: boolean },
): readonly (readonly string[])[] => {
  const rules = [allowed.get(type.name), allowed.get(coordinate)].filter((it) => it !== undefined);
  return isRoot && !open.has(coordinate) && rules.length === 0 ? [[]] : rules;
};

export const readAccessRules = (schema: GraphQLSchema, resolvers: readonly Class[]): AccessRules => {
  for (const resolver of resolvers) refuseInheritance(resolver);
  const allowed = new Map([...resolverRules(resolvers), ...typeRules(schema)]);
  for (const [coordinate, names] of allowed) refuseMisspelt(coordinate, names);
  refuseUnenforced(resolvers);
  refuseChargeBelowRoot(schema);
  const rules = {
    open: readMarked(schema, "public", "@Public()"),
    allowed,
    scopes: readScopes(schema),
    unverified: readMarked(schema, "allowUnverified", "@AllowUnverified()"),
    unenrolled: readMarked(schema, "allowUnenrolled", "@AllowUnenrolled()"),
    impersonable: readMarked(schema, "impersonable", "@Impersonable()"),
    nodes: readNodeSources(schema),
    ...readOwnRules(schema),
  };
  refuseContradictions(rules);
  return rules;
};

/** Inherited methods keep the parent's `@Public()` and lose the child's `@Authorized()`. */
const refuseInheritance = (resolver: Class): void => {
  if (Object.getPrototypeOf(resolver) !== Function.prototype)
    throw new AccessRuleError(
      `${resolver.name} extends another class. A resolver inherits nothing: its access rules would be its parent's.`,
    );
};

const resolverRules = function* (resolvers: readonly Class[]): Generator<[string, readonly string[]]> {
  const storage = getMetadataStorage();
  for (const { target, methodName, coordinate } of handlers()) {
    if (!resolvers.includes(target)) continue;
    const ofField = storage.authorizedFields.find(
      (rule) => rule.target === target && rule.fieldName === methodName,
    );
    const rule = ofField ?? storage.authorizedResolver.find((ofClass) => ofClass.target === target);
    if (rule) yield [coordinate, rule.roles];
  }
};

/** Every resolver method, with its schema field. */
const handlers = function* () {
  const storage = getMetadataStorage();
  const roots = { Query: storage.queries, Mutation: storage.mutations, Subscription: storage.subscriptions };
  for (const [root, methods] of Object.entries(roots))
    for (const { target, methodName, schemaName } of methods)
      yield { target, methodName, coordinate: `${root}.${schemaName}` };
  for (const { kind, target, methodName, schemaName, getObjectType } of storage.fieldResolvers) {
    const type = storage.objectTypes.find((it) => kind === "external" && it.target === getObjectType?.());
    if (type) yield { target, methodName, coordinate: `${type.name}.${schemaName}` };
  }
};

/** A type, and each of its fields, inherits the rules of the types it extends. */
const typeRules = function* (schema: GraphQLSchema): Generator<[string, readonly string[]]> {
  const storage = getMetadataStorage();
  const fieldsOf = Map.groupBy(storage.fields, ({ target }) => target);
  const rulesOfFields = Map.groupBy(storage.authorizedFields, ({ target }) => target);
  for (const type of storage.objectTypes) {
    if (!isObjectType(schema.getType(type.name))) continue;
    for (const ancestor of storage.objectTypes.filter(
      (it) => it === type || isSubclass(type.target, it.target),
    )) {
      const ofType = storage.authorizedResolver.find((rule) => rule.target === ancestor.target);
      if (ofType) yield [type.name, ofType.roles];
      for (const field of fieldsOf.get(ancestor.target) ?? []) {
        const rule = rulesOfFields.get(field.target)?.find((it) => it.fieldName === field.name);
        if ((rule || ofType) && (field.simple ?? ancestor.simpleResolvers))
          throw new AccessRuleError(
            `${type.name}.${field.schemaName} has a rule and a simple resolver, which type-graphql lets pass unchecked.`,
          );
        if (rule) yield [`${type.name}.${field.schemaName}`, rule.roles];
      }
    }
  }
};

const isSubclass = (child: Class, parent: Class): boolean =>
  Object.prototype.isPrototypeOf.call(parent, child);

/** Two decorators on one field that contradict each other: either choice would surprise a reader. */
const refuseContradictions = ({ open, allowed, unverified, unenrolled }: AccessRules): void => {
  for (const coordinate of open) {
    if (allowed.has(coordinate))
      throw new AccessRuleError(`${coordinate} has both @Public() and @Authorized(). Decide on one.`);
    if (unverified.has(coordinate))
      throw new AccessRuleError(
        `${coordinate} has both @Public() and @AllowUnverified(), which is for private fields only.`,
      );
    if (unenrolled.has(coordinate))
      throw new AccessRuleError(
        `${coordinate} has both @Public() and @AllowUnenrolled(), which is for private fields only.`,
      );
  }
};

const refuseMisspelt = (coordinate: string, names: readonly unknown[]): void => {
  for (const name of names)
    if (typeof name !== "string" || !isRuleName(name))
      throw new AccessRuleError(
        `${coordinate} asks for ${JSON.stringify(name)}: a role is in CAPITALS, a permission has a colon (users:read).`,
      );
};

/** A rule on an interface, an input or a method that is not a field looks like protection, but protects nothing. */
const refuseUnenforced = (resolvers: readonly Class[]): void => {
  const storage = getMetadataStorage();
  const isForeignResolver = (target: Class) =>
    !resolvers.includes(target) && storage.resolverClasses.some((it) => it.target === target);
  const isObject = (target: Class) => storage.objectTypes.some((it) => it.target === target);

  for (const { target } of storage.authorizedResolver)
    if (!resolvers.includes(target) && !isForeignResolver(target) && !isObject(target))
      throw new AccessRuleError(
        `@Authorized() on ${target.name} guards nothing: put it on an object type, a resolver or a field.`,
      );

  const known = [...handlers()];
  for (const { target, fieldName } of storage.authorizedFields) {
    const isHandler = known.some((it) => it.target === target && it.methodName === fieldName);
    const isField =
      isObject(target) && storage.fields.some((it) => it.target === target && it.name === fieldName);
    if (!isHandler && !isField && !isForeignResolver(target))
      throw new AccessRuleError(
        `@Authorized() on ${target.name}.${fieldName} guards nothing: this is no field of an object type.`,
      );
  }
};
