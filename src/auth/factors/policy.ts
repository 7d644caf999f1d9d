// Who must have a second factor.
import type { SecondFactorPolicy } from "../../config/sign-in.ts";
import type { Viewer } from "../viewer/viewer.ts";

export type RequiresSecondFactor = (user: { readonly roles: readonly string[] }) => boolean;

export const createSecondFactorRule =
  (policy: SecondFactorPolicy): RequiresSecondFactor =>
  ({ roles }) =>
    policy === "required" || (policy !== "optional" && roles.some((role) => policy.includes(role)));

/**
 * What the viewer must do before anything else: add a second factor, or prove it in this session, which may have begun with a
 * stolen password before there was one. An impersonator need not: the user whose factor would be missing is somebody else.
 */
export const findDuty = (requires: RequiresSecondFactor, viewer: Viewer): "enrol" | "prove" | null => {
  if (viewer.impersonatorId !== null || !requires(viewer)) return null;
  if (!viewer.user.hasSecondFactor) return "enrol";
  return viewer.hasProvenFactor ? null : "prove";
};
