// Chooses the part of the schema that introspection shows to a caller.
import type { GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { SecondFactorPolicy } from "../../../config/sign-in.ts";
import { createSecondFactorRule, findDuty } from "../../factors/policy.ts";
import type { Viewer } from "../../viewer/viewer.ts";
import { isVerified, passes } from "../auth-checker.ts";
import { type AccessRules, rulesOf } from "../rules.ts";
import { isRootType, type SchemaField } from "../schema-fields.ts";
import { holdsScope, isWithin, type Limits, reachOf } from "../token-reach.ts";
import { cutSchema, joinParts } from "./schema-part.ts";

export type SchemaViews = (viewer: Viewer | null) => GraphQLSchema;

/** Callers who pass the same rules share a view. The limit stops a caller who creates many tokens from filling memory. */
const viewLimits = { max: 50 };

/** A view serves introspection only. */
export const createSchemaViews = (
  schema: GraphQLSchema,
  rules: AccessRules,
  {
    requireVerifiedEmail = false,
    secondFactor = "optional",
  }: { readonly requireVerifiedEmail?: boolean; readonly secondFactor?: SecondFactorPolicy } = {},
): SchemaViews => {
  const requiresSecondFactor = createSecondFactorRule(secondFactor);
  const findStops: FindStops = (viewer) => [
    ...(requireVerifiedEmail && !isVerified(viewer) ? (["unverified"] as const) : []),
    ...(findDuty(requiresSecondFactor, viewer) !== null ? (["unenrolled"] as const) : []),
  ];
  const keyOf = createKeys(rules, findStops);
  const views = new LRUCache<string, GraphQLSchema>(viewLimits);
  const build = (viewer: Viewer | null): GraphQLSchema => {
    const part = cutSchema(schema, (field) => mayUse(schema, rules, findStops, viewer, field));
    // A token on a public field that it may not use as its user is anonymous, there and below.
    return isLimited(viewer) ? joinParts(schema, part, viewFor(null)) : part;
  };
  const viewFor: SchemaViews = (viewer) => {
    const key = keyOf(viewer);
    const view = views.get(key) ?? build(viewer);
    views.set(key, view);
    return view;
  };
  return viewFor;
};

/** The marks without which a private field is closed to the viewer: `unverified` for `@AllowUnverified()`, and so on. */
type FindStops = (viewer: Viewer) => readonly ("unverified" | "unenrolled")[];

/** Decides as the guard does, but without executing a field. */
const mayUse = (
  schema: GraphQLSchema,
  rules: AccessRules,
  findStops: FindStops,
  viewer: Viewer | null,
  { type, coordinate }: Pick<SchemaField, "type" | "coordinate">,
): boolean => {
  const isRoot = isRootType(schema, type);
  const isAllowed = (rule: readonly string[]) =>
    viewer !== null && passes(viewer, rule) && findStops(viewer).every((mark) => rules[mark].has(coordinate));
  if (!rulesOf(rules, { isRoot, type, coordinate }).every(isAllowed)) return false;
  return !isRoot || isWithin(limitsOf(viewer), reachOf(rules, coordinate));
};

const limitsOf = (viewer: Viewer | null): Limits => ({
  scopes: viewer?.accessToken?.scopes ?? null,
  isImpersonation: (viewer?.impersonatorId ?? null) !== null,
});

const isLimited = (viewer: Viewer | null): boolean => {
  const { scopes, isImpersonation } = limitsOf(viewer);
  return scopes !== null || isImpersonation;
};

/** The key depends on the rules that are passed, never on the viewer, so that a cached view is right for every viewer with that key. */
const createKeys = (rules: AccessRules, findStops: FindStops): ((viewer: Viewer | null) => string) => {
  const named = [...new Map([...rules.allowed.values()].map((rule) => [rule.join(" "), rule])).values()];
  const scopes = [...new Set(rules.scopes.values())];
  return (viewer) => {
    if (viewer === null) return "nobody";
    const passed = named.map((rule) => passes(viewer, rule));
    const { scopes: limits, isImpersonation } = limitsOf(viewer);
    const held = scopes.map((scope) => limits && holdsScope(limits, scope));
    return JSON.stringify([findStops(viewer), passed, held, isImpersonation]);
  };
};
