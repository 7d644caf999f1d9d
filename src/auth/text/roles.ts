// Roles: how one is called. It has one form, which the rule allows.
import type { BrokenRule } from "../../errors.ts";
import { isColonName, isRuleName } from "../auth-checker.ts";

export const findRoleNameProblem = (role: string): BrokenRule | null =>
  isRuleName(role) && !isColonName(role)
    ? null
    : {
        field: "role",
        rule: "role_name",
        message: `A role is written in capitals, unlike ${JSON.stringify(role)}.`,
      };
