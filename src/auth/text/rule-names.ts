// The names of access rules: a role in capitals, a permission or a scope with a colon.
import type { BrokenRule } from "../../errors.ts";

/** The format of permissions and scopes: `users:read`. */
export const isColonName = (name: string): boolean => /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/.test(name);

/** The names that `@Authorized` accepts: a role in capitals, or a permission with a colon. */
export const isRuleName = (name: string): boolean => /^[A-Z][A-Z0-9_]*$/.test(name) || isColonName(name);

export const findRoleNameProblem = (role: string): BrokenRule | null =>
  isRuleName(role) && !isColonName(role)
    ? null
    : {
        field: "role",
        rule: "role_name",
        message: `A role must be written in capitals, but ${JSON.stringify(role)} is not.`,
      };
