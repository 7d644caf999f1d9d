// Builds the guarded schema from the resolvers.
import "reflect-metadata";
import type { GraphQLSchema } from "graphql";
import { buildSchemaSync, getMetadataStorage, type NonEmptyArray } from "type-graphql";
import { authChecker, verifiedAuthChecker } from "../auth/access/auth-checker.ts";
import { accessDirectives } from "../auth/access/directives.ts";
import { guard } from "../auth/access/guard.ts";
import { type AccessRules, type Class, readAccessRules } from "../auth/access/rules.ts";
import { resolvers as ourResolvers } from "../resolvers/index.ts";
import { resolvePlainFields } from "./plain-fields.ts";

export interface GuardedSchema {
  readonly schema: GraphQLSchema;
  readonly rules: AccessRules;
}

/** One instance of each resolver class. type-graphql's own container searches a list on every request. */
const createContainer = () => {
  const instances = new Map<unknown, object>();
  return {
    get(resolver: new () => object): object {
      const instance = instances.get(resolver) ?? new resolver();
      instances.set(resolver, instance);
      return instance;
    },
  };
};

/** Throws an AccessRuleError for a rule that cannot be enforced. */
export const buildGuardedSchema = (
  resolvers: NonEmptyArray<Class> = ourResolvers,
  { requireVerifiedEmail = false }: { readonly requireVerifiedEmail?: boolean } = {},
): GuardedSchema => {
  // TypeScript applies parameter decorators last to first; the schema should show arguments in source order.
  getMetadataStorage().params.sort((left, right) => left.index - right.index);
  const schema = buildSchemaSync({
    resolvers,
    authChecker,
    validate: false,
    directives: accessDirectives,
    container: createContainer(),
  });
  const rules = readAccessRules(schema, resolvers);
  resolvePlainFields(schema);
  // Chosen once, not on each request: with the setting off, no request pays for the check.
  const checker = requireVerifiedEmail ? verifiedAuthChecker : authChecker;
  return { schema: guard(schema, rules, checker, authChecker), rules };
};
