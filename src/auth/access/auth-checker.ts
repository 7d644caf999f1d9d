// The access decision: may this viewer pass this rule?

import { forbidden, reauthenticationRequired, secondFactorRequired, unauthenticated } from "../../errors.ts";
import { type PromiseOrValue, whenKnown } from "../../promise-or-value.ts";
import type { Context } from "../context.ts";
import { ProofMethod } from "../factors/enrolled.ts";
import { findDuty, type RequiresSecondFactor } from "../factors/policy.ts";
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

/** What a viewer must be beyond logged in, unless a field's mark lets the viewer through. */
export interface Admission {
  readonly allowsUnverified: boolean;
  readonly allowsUnenrolled: boolean;
}

export interface AdmissionRules {
  readonly requireVerifiedEmail: boolean;
  /** Whether a user with these roles must have a second factor. Null: nobody must. */
  readonly requiresSecondFactor: RequiresSecondFactor | null;
  readonly arePasskeysOn: boolean;
}

/** Chosen once for each field, not on each request: with the settings off, no request pays for them. */
export const createAuthChecker =
  ({ requireVerifiedEmail, requiresSecondFactor, arePasskeysOn }: AdmissionRules) =>
  ({ allowsUnverified, allowsUnenrolled }: Admission): AuthChecker => {
    const asksVerified = requireVerifiedEmail && !allowsUnverified;
    const asksEnrolled = allowsUnenrolled ? null : requiresSecondFactor;
    if (!asksVerified && asksEnrolled === null) return authChecker;
    const methods = secondFactors.filter((method) => arePasskeysOn || method !== ProofMethod.PASSKEY);
    return (call, allowed) =>
      whenKnown(call.context.findViewer(), (viewer) => {
        if (viewer !== null && asksVerified && !isVerified(viewer)) throw forbidden("email_not_verified");
        if (viewer !== null && asksEnrolled !== null) requireNoDuty(asksEnrolled, viewer, methods);
        return authChecker(call, allowed);
      });
  };

/** Which of them the user has is not read here, on the path of every request: `startReauthentication` says it. */
const secondFactors = [ProofMethod.TOTP, ProofMethod.PASSKEY, ProofMethod.RECOVERY_CODE];

const requireNoDuty = (
  requires: RequiresSecondFactor,
  viewer: Viewer,
  methods: readonly ProofMethod[],
): void => {
  const duty = findDuty(requires, viewer);
  if (duty === "enrol") throw secondFactorRequired();
  if (duty === "prove") throw reauthenticationRequired({ methods });
};

/** A user without an email has nothing to verify: only an operator creates one, and vouches for it. */
export const isVerified = ({ user }: Viewer): boolean => user.emailVerified || user.email === null;

/** Whether a logged-in viewer passes a rule; throws nothing. */
export type Passes = (viewer: Viewer, allowed: readonly string[]) => boolean;

export const passes: Passes = (viewer, allowed) =>
  allowed.length === 0 || allowed.some((name) => holds(viewer, name));

/** The same below a root field, which may be public. */
export const createPasses =
  ({ requireVerifiedEmail, requiresSecondFactor }: Omit<AdmissionRules, "arePasskeysOn">): Passes =>
  (viewer, allowed) =>
    (!requireVerifiedEmail || isVerified(viewer)) &&
    (requiresSecondFactor === null || findDuty(requiresSecondFactor, viewer) === null) &&
    passes(viewer, allowed);

const holds = (viewer: Viewer, name: string): boolean =>
  isPermission(name) ? hasPermission(viewer, name) : viewer.roles.includes(name);

const isPermission = (name: string): name is `${string}:${string}` => name.includes(":");
