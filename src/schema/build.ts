// Builds the guarded schema from the resolvers.
import "reflect-metadata";
import { assertValidSchema, type GraphQLSchema } from "graphql";
import { buildSchemaSync, getMetadataStorage, type NonEmptyArray } from "type-graphql";
import {
  type AdmissionRules,
  authChecker,
  createAuthChecker,
  createPasses,
} from "../auth/access/auth-checker.ts";
import { accessDirectives } from "../auth/access/directives.ts";
import { guard } from "../auth/access/guard.ts";
import { type AccessRules, type Class, readAccessRules } from "../auth/access/rules.ts";
import { createSecondFactorRule } from "../auth/factors/policy.ts";
import type { SecondFactorPolicy } from "../config/sign-in.ts";
import { FederationResolver } from "../resolvers/federation.ts";
import { resolvers as ourResolvers } from "../resolvers/index.ts";
import type { ApplicationSchema } from "./application-schema.ts";
import { refuseCollisions } from "./collisions.ts";
import { requireDefaults } from "./default-values.ts";
import { resolvePlainFields } from "./plain-fields.ts";
import { listenToTopics, noPubSub } from "./subscriptions.ts";

export interface GuardedSchema {
  readonly schema: GraphQLSchema;
  readonly rules: AccessRules;
}

export const noApplicationSchema: ApplicationSchema = { resolvers: [], permissions: {} };

export interface SchemaOptions {
  readonly requireVerifiedEmail?: boolean;
  readonly secondFactor?: SecondFactorPolicy;
  /** Null: they are off. */
  readonly passkeys?: object | null;
  /** Whether it has the root fields of a subgraph. */
  readonly federation?: boolean;
}

/** Every root field that a setting can turn on. */
export const withFederation = { federation: true } as const satisfies SchemaOptions;

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

/** Throws an AccessRuleError for a rule that cannot be enforced, and for a name that two definitions share. */
export const buildGuardedSchema = (
  application: ApplicationSchema = noApplicationSchema,
  { federation = false, ...options }: SchemaOptions = {},
): GuardedSchema => {
  const ours: NonEmptyArray<Class> = federation ? [...ourResolvers, FederationResolver] : ourResolvers;
  return buildSchemaOf([...ours, ...application.resolvers], { ...options, application });
};

/** For tests: without our own fields. */
export const buildSchemaOf = (
  resolvers: NonEmptyArray<Class>,
  {
    requireVerifiedEmail = false,
    secondFactor = "optional",
    passkeys = {},
    application = noApplicationSchema,
  }: Omit<SchemaOptions, "federation"> & { readonly application?: ApplicationSchema } = {},
): GuardedSchema => {
  refuseCollisions(ourResolvers, application);
  // TypeScript applies parameter decorators last to first; the schema should show arguments in source order.
  getMetadataStorage().params.sort((left, right) => left.index - right.index);
  const schema = buildSchemaSync({
    resolvers,
    authChecker,
    validate: false,
    // It would answer a whole introspection, which takes longer than all the rest; what that finds, the two lines below find.
    skipCheck: true,
    directives: accessDirectives,
    container: createContainer(),
    pubSub: noPubSub,
  });
  assertValidSchema(schema);
  requireDefaults(schema);
  describeRoots(schema);
  listenToTopics(schema, { ours: ourResolvers, all: resolvers });
  const rules = readAccessRules(schema, resolvers);
  resolvePlainFields(schema);
  const admission: AdmissionRules = {
    requireVerifiedEmail,
    requiresSecondFactor: secondFactor === "optional" ? null : createSecondFactorRule(secondFactor),
    arePasskeysOn: passkeys !== null,
  };
  const permissions = Object.keys(application.permissions);
  const guarding = { checkerOf: createAuthChecker(admission), passes: createPasses(admission), permissions };
  return { schema: guard(schema, rules, authChecker, guarding), rules };
};

/** type-graphql has no place for these descriptions. */
const describeRoots = (schema: GraphQLSchema): void => {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  const subscription = schema.getSubscriptionType();
  if (query) query.description = "What can be read. A field without @public is private.";
  if (mutation) mutation.description = "What can be changed. A field without @public is private.";
  if (subscription)
    subscription.description =
      "What can be followed. A field without @public is private, and each event is checked again.";
};
