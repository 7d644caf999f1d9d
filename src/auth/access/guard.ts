// Private by default: wraps the fields of the built schema with access checks.

import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { rateLimited } from "../../errors.ts";
import { whenKnown } from "../../promise-or-value.ts";
import { seconds } from "../../time.ts";
import type { Context } from "../context.ts";
import type { IpBudget } from "../limits/rate-limits.ts";
import { refuseUnstorableText } from "../text/arguments.ts";
import { type Admission, type AuthChecker, type Passes, passes as passesAny } from "./auth-checker.ts";
import { type Entrance, keepSource } from "./nodes.ts";
import { asToOwner, withOwner } from "./own/check.ts";
import { rememberNames } from "./permissions.ts";
import { AccessRuleError } from "./rule-error.ts";
import { type AccessRules, rulesOf } from "./rules.ts";
import { isRootType, objectFields } from "./schema-fields.ts";
import { enterStream, keepAdmission } from "./streams.ts";
import { asAtTheRoot, openToTokens, reachOf, withinReach } from "./token-reach.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;
type Budget = IpBudget | "by its own rules";

export interface Guarding {
  /** For fields with `@AllowUnverified()` or `@AllowUnenrolled()`. */
  readonly checkerOf?: (admission: Admission) => AuthChecker;
  /** As the auth checker, for the permission of `@OwnOr()`. */
  readonly passes?: Passes;
  /** Those that the application's code checks. */
  readonly permissions?: readonly string[];
}

/**
 * Calls the auth checker before every root field that is not public, and before every field that has a rule or whose type has
 * one; hides from others what belongs to one user; restricts access tokens to their scopes and impersonators to `@Impersonable()` fields; spends the budget of a field.
 * Works on the built schema, so that it does not matter how a field was created; type-graphql's global middlewares would miss
 * `subscribe` and run on every scalar. Changes the given schema.
 */
export const guard = (
  schema: GraphQLSchema,
  rules: AccessRules,
  authChecker: AuthChecker,
  { checkerOf = () => authChecker, passes = passesAny, permissions = [] }: Guarding = {},
): GraphQLSchema => {
  if (typeof authChecker !== "function")
    throw new AccessRuleError("There is no authChecker: nothing would enforce @Authorized().");
  rememberNames(schema, rules, permissions);
  for (const { type, field, coordinate } of objectFields(schema)) {
    const isRoot = isRootType(schema, type);
    const isOpen = rules.open.has(coordinate);
    const checks = rulesOf(rules, { isRoot, type, coordinate });

    const own = rules.own.get(coordinate);
    const isAsOwner = rules.asOwner.has(coordinate);

    // A plain property without a check stays unwrapped, because a response may have thousands of them.
    const isChecked = checks.length > 0 || own !== undefined || isAsOwner;
    if (!isRoot && !field.resolve && field.args.length === 0 && !isChecked) continue;
    const { charged, nodes } = field.extensions;
    const wrap = (resolver: Resolver, charged?: Budget): Resolver => {
      const shown = isAsOwner ? asToOwner(resolver) : resolver;
      const paid = charged === undefined ? shown : withCharge(shown, charged);
      const ofStorableText = field.args.length > 0 ? withStorableText(paid) : paid;
      const owned = own === undefined ? ofStorableText : withOwner(ofStorableText, own, passes);
      const checker = checkerOf({
        allowsUnverified: rules.unverified.has(coordinate),
        allowsUnenrolled: rules.unenrolled.has(coordinate),
      });
      const checked = checks.length > 0 ? withChecks(owned, checks, checker) : owned;
      if (!isRoot) return asAtTheRoot(checked);
      const reach = reachOf(rules, coordinate);
      return isOpen ? openToTokens(checked, reach) : withinReach(checked, reach);
    };
    // The opening of a stream is charged, and not each of its events.
    field.resolve = wrap(field.resolve ?? defaultFieldResolver, field.subscribe ? undefined : charged);
    // Behind the same checks as the field, so that `node` shows nothing that the field would refuse.
    if (nodes) keepSource(schema, { source: nodes, enter: wrap(enter, charged) as Entrance });
    // Otherwise an anonymous caller could hold a stream open, and only each event would fail.
    if (field.subscribe) field.subscribe = keepAdmission(wrap(field.subscribe, charged), wrap(enterStream));
  }
  return schema;
};

const enter: Entrance = (_source, _args, context) =>
  whenKnown(context.findViewer(), (viewer) => viewer && { context, viewer });

/** The outermost wrapper, so that arguments are validated only for callers who may use the field. */
const withChecks = (
  resolver: Resolver,
  checks: readonly (readonly string[])[],
  authChecker: AuthChecker,
): Resolver =>
  checks.reduceRight<Resolver>(
    (next, allowed) => (source, args, context, info) =>
      whenKnown(authChecker({ context }, allowed), () => next(source, args, context, info)),
    resolver,
  );

const withStorableText =
  (resolver: Resolver): Resolver =>
  (source, args, context, info) => {
    refuseUnstorableText(args);
    return resolver(source, args, context, info);
  };

/** Runs after the checks, so that a refused caller spends no budget. */
const withCharge =
  (resolver: Resolver, budget: Budget): Resolver =>
  async (source, args, context, info) => {
    const { limits } = context.services;
    if (!context.takeCharge()) throw rateLimited(seconds(1));
    // A viewer who is refused is named in the event. Nobody is looked up for it.
    if (budget !== "by its own rules") await limits.spend(budget, context.client, context.findKnownUserId());
    return resolver(source, args, context, info);
  };
