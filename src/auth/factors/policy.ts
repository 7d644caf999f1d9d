// Who must have a second factor.
import type { SecondFactorPolicy } from "../../config/sign-in.ts";
import type { Viewer } from "../viewer/viewer.ts";

export type RequiresSecondFactor = (user: { readonly roles: readonly string[] }) => boolean;

export const createSecondFactorRule =
  (policy: SecondFactorPolicy): RequiresSecondFactor =>
  ({ roles }) =>
    policy === "required" || (policy !== "optional" && roles.some((role) => policy.includes(role)));

/**
 * Whether the viewer must add a second factor before anything else. An impersonator need not: the user whose factor would be
 * missing is somebody else.
 */
export const mustEnrol = (requires: RequiresSecondFactor, viewer: Viewer): boolean =>
  viewer.impersonatorId === null && !viewer.user.hasSecondFactor && requires(viewer);
