// How deep the values of variables nest: coercion and resolvers walk them, and call themselves at each level.
import { variableDepth } from "./document-limits.ts";

/** Looks no deeper than the limit, whatever came. */
export const areVariablesTooDeep = (variables: Readonly<Record<string, unknown>>): boolean =>
  hasDeeper(variables, variableDepth.most);

const hasDeeper = (values: object, levels: number): boolean => {
  if (Array.isArray(values)) return values.some((value) => isDeeper(value, levels));
  for (const name in values) if (isDeeper((values as Record<string, unknown>)[name], levels)) return true;
  return false;
};

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" && value !== null && (levels === 0 || hasDeeper(value, levels - 1));
