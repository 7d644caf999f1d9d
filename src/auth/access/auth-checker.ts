// The access decision: may this viewer pass this rule?

import { forbidden, unauthenticated } from "../../errors.ts";
import { type PromiseOrValue, whenKnown } from "../../promise-or-value.ts";
import type { Context } from "../context.ts";
import { hasPermission } from "../viewer/permissions.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Returns true or throws an error of the error table; returns a promise only while the viewer is being looked up. */
export type AuthChecker = (
  call: { readonly context: Pick<Context, "findViewer"> },
  allowed: readonly string[],
) => PromiseOrValue<true>;

/**
 * An empty list requires any viewer; of several names, one is enough. An arrow function, because type-graphql calls it too, and
 * takes a `function` for a class.
 */
export const authChecker: AuthChecker = ({ context }, allowed) =>
  whenKnown(context.findViewer(), (viewer) => {
    if (viewer === null) throw unauthenticated();
    if (!passes(viewer, allowed)) throw forbidden();
    return true;
  });

/** Also refuses users who have not verified their email. */
export const verifiedAuthChecker: AuthChecker = (call, allowed) =>
  whenKnown(call.context.findViewer(), (viewer) => {
    if (viewer !== null && !isVerified(viewer)) throw forbidden();
    return authChecker(call, allowed);
  });

/** A user without an email has nothing to verify: only an operator creates one, and vouches for it. */
export const isVerified = ({ user }: Viewer): boolean => user.emailVerified || user.email === null;

/** Whether a logged-in viewer passes a rule; throws nothing. */
export type Passes = (viewer: Viewer, allowed: readonly string[]) => boolean;

export const passes: Passes = (viewer, allowed) =>
  allowed.length === 0 || allowed.some((name) => holds(viewer, name));

/** Refuses users who have not verified their email. */
export const verifiedPasses: Passes = (viewer, allowed) => isVerified(viewer) && passes(viewer, allowed);

const holds = (viewer: Viewer, name: string): boolean =>
  isPermission(name) ? hasPermission(viewer, name) : viewer.roles.includes(name);

const isPermission = (name: string): name is `${string}:${string}` => name.includes(":");
