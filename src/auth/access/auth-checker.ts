// The one decision about access: may this viewer pass this rule?

import { forbidden, unauthenticated } from "../../errors.ts";
import { type PromiseOrValue, whenKnown } from "../../promise-or-value.ts";
import type { Context } from "../context.ts";
import { hasPermission } from "../viewer/permissions.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** True, or an error of the table is thrown; a promise of it only while the viewer is being looked up. */
export type AuthChecker = (
  call: { readonly context: Pick<Context, "findViewer"> },
  allowed: readonly string[],
) => PromiseOrValue<true>;

/**
 * An empty list asks for any viewer; of several names one is enough. An arrow function: type-graphql, which asks it too,
 * takes a `function` for a class.
 */
export const authChecker: AuthChecker = ({ context }, allowed) =>
  whenKnown(context.findViewer(), (viewer) => {
    if (viewer === null) throw unauthenticated();
    if (!passes(viewer, allowed)) throw forbidden();
    return true;
  });

/** Refuses, besides, every account that still has an address to prove. */
export const verifiedAuthChecker: AuthChecker = (call, allowed) =>
  whenKnown(call.context.findViewer(), (viewer) => {
    if (viewer !== null && !isVerified(viewer)) throw forbidden();
    return authChecker(call, allowed);
  });

/** Without any address there is nothing to prove: only an operator makes such an account, and vouches for it. */
export const isVerified = ({ user }: Viewer): boolean => user.emailVerified || user.email === null;

/** The rule of a logged-in viewer, for where nothing is called yet. */
export const passes = (viewer: Viewer, allowed: readonly string[]): boolean =>
  allowed.length === 0 || allowed.some((name) => holds(viewer, name));

const holds = (viewer: Viewer, name: string): boolean =>
  isPermission(name) ? hasPermission(viewer, name) : viewer.roles.includes(name);

const isPermission = (name: string): name is `${string}:${string}` => name.includes(":");
