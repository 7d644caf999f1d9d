// Shows a field to the owner of its row and to viewers with the permission. For all others it is null.
import type { GraphQLFieldResolver } from "graphql";
import { whenKnown } from "../../../promise-or-value.ts";
import type { Context } from "../../context.ts";
import type { Viewer } from "../../viewer/viewer.ts";
import type { Passes } from "../auth-checker.ts";
import { holdsScope } from "../token-reach.ts";
import type { OwnRule } from "./rules.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Rows that a field with `@AsOwner()` returned. */
const shownAsToOwner = new WeakSet<object>();

/**
 * Null and no error: one refused field must not void a list, and a thousand rows must not write a thousand errors. Asks nobody
 * again: it is synchronous as soon as the viewer is known.
 */
export const withOwner =
  (resolver: Resolver, rule: OwnRule, passes: Passes): Resolver =>
  (source, args, context, info) => {
    if (shownAsToOwner.has(source as object)) return resolver(source, args, context, info);
    return whenKnown(context.findViewer(), (viewer) =>
      viewer !== null && maySee(viewer, source, rule, passes) ? resolver(source, args, context, info) : null,
    );
  };

/** For `@AsOwner()`. By the object itself, so that no other field can show the same user whole. */
export const asToOwner =
  (resolver: Resolver): Resolver =>
  (source, args, context, info) =>
    whenKnown(resolver(source, args, context, info), (row) => {
      if (typeof row === "object" && row !== null) shownAsToOwner.add(row);
      return row;
    });

/** A token that may read tasks must not read its user's email through them: it needs the scope of the fields too. */
const maySee = (
  viewer: Viewer,
  row: unknown,
  { allowed, scope, ownerOf }: OwnRule,
  passes: Passes,
): boolean =>
  (ownerOf(row) === viewer.userId && holds(viewer, scope)) ||
  (allowed !== null && passes(viewer, allowed) && holds(viewer, allowed[0]));

const holds = ({ accessToken }: Viewer, scope: string): boolean =>
  accessToken === null || holdsScope(accessToken.scopes, scope);
