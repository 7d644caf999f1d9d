// The permissions, roles and scopes in a schema's access rules: what a user or a token can be granted.
import type { GraphQLSchema } from "graphql";
import { isColonName } from "../text/rule-names.ts";
import { permissionsAskedInCode } from "../viewer/permissions.ts";
import { isRootType, objectFields } from "./schema-fields.ts";

/** The access rules that are needed while requests run. */
interface Rules {
  readonly allowed: ReadonlyMap<string, readonly string[]>;
  readonly own: ReadonlyMap<string, { readonly allowed: readonly string[] | null }>;
}

interface KnownNames {
  readonly permissions: readonly string[];
  readonly roles: readonly string[];
}

const namesOf = new WeakMap<GraphQLSchema, KnownNames>();

/** Called once, when the guard wraps the schema. */
export const rememberNames = (
  schema: GraphQLSchema,
  { allowed, own }: Rules,
  ofApplication: readonly string[],
): void => {
  const ofOwned = [...own.values()].flatMap((rule) => rule.allowed ?? []);
  const inRules = [...allowed.values()].flat();
  const asked = new Set([...permissionsAskedInCode, ...ofApplication, ...inRules, ...ofOwned]);
  const names = [...asked].sort();
  namesOf.set(schema, {
    permissions: names.filter(isColonName),
    roles: names.filter((name) => !isColonName(name)),
  });
};

/** Every permission that can be granted, sorted. */
export const permissionsOf = (schema: GraphQLSchema): readonly string[] => requireNames(schema).permissions;

/** Roles that access rules name directly: see `createAuthority`. */
export const rolesInRules = (schema: GraphQLSchema): readonly string[] => requireNames(schema).roles;

const requireNames = (schema: GraphQLSchema): KnownNames => {
  const names = namesOf.get(schema);
  if (names === undefined) throw new Error("This schema was not made by buildGuardedSchema().");
  return names;
};

/** Every scope that a token can be granted. */
export const scopesOf = (schema: GraphQLSchema): readonly string[] => {
  const scopes = new Set<string>();
  for (const { type, field } of objectFields(schema))
    if (isRootType(schema, type) && field.extensions.scope !== undefined) scopes.add(field.extensions.scope);
  return [...scopes].sort();
};
