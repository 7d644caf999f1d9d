// Validates a new access token: its name, scopes and lifetime.
import type { BrokenRule } from "../../errors.ts";
import { findTokenNameProblem } from "../text/token-names.ts";

export const maxAccessTokensPerUser = 50;
export const maxDays = 365;
export const defaultDays = 90;

export interface NewAccessToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresInDays: number;
}

/** Returns every broken rule at once. */
export const findAccessTokenProblems = (
  { name, scopes, expiresInDays }: NewAccessToken,
  knownScopes: readonly string[],
): readonly BrokenRule[] =>
  [
    findTokenNameProblem(name),
    findScopeProblem(scopes, knownScopes),
    findLifetimeProblem(expiresInDays),
  ].filter((problem) => problem !== null);

const findScopeProblem = (scopes: readonly string[], known: readonly string[]): BrokenRule | null => {
  if (scopes.length === 0)
    return broken("scopes", "required", `Give at least one scope: ${known.join(", ")}.`);
  return scopes.every((scope) => known.includes(scope))
    ? null
    : broken("scopes", "known", `Unknown scope. The scopes are: ${known.join(", ")}.`);
};

const findLifetimeProblem = (days: number): BrokenRule | null =>
  Number.isInteger(days) && days >= 1 && days <= maxDays
    ? null
    : broken("expiresInDays", "range", `An access token is valid for 1 to ${maxDays} days.`);

export const tooManyAccessTokens: BrokenRule = {
  field: "name",
  rule: "max_items",
  message: `A user can have at most ${maxAccessTokensPerUser} access tokens. Revoke one first.`,
};

const broken = (field: string, rule: string, message: string): BrokenRule => ({ field, rule, message });
