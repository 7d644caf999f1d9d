// How much the values of variables hold: coercion and resolvers walk them, and call themselves at each level.
import { type Limit, variableDepth, variableValues } from "./document-limits.ts";

/** The limit that they are beyond, or null. Looks no further than the limits, whatever came. */
export const findVariableExcess = (variables: Readonly<Record<string, unknown>>): Limit | null => {
  let values = 0;
  const findExcess = (holder: object, levels: number): Limit | null => {
    for (const name in holder) {
      values += 1;
      // graphql-js tells of each of fifty keys that do not belong, and writes out all that stand beside it.
      if (values > variableValues.most) return variableValues;
      const value = (holder as Record<string, unknown>)[name];
      if (typeof value !== "object" || value === null) continue;
      const excess = levels === 0 ? variableDepth : findExcess(value, levels - 1);
      if (excess !== null) return excess;
    }
    return null;
  };
  return findExcess(variables, variableDepth.most);
};
