// Measures the values of variables: coercion and resolvers walk them and recurse at each level.
import { type Limit, variableDepth, variableValues } from "./document-limits.ts";

/** The limit that the variables exceed, or null. Stops at the limits, however large the input is. */
export const findVariableExcess = (variables: Readonly<Record<string, unknown>>): Limit | null => {
  let values = 0;
  const findExcess = (holder: object, levels: number): Limit | null => {
    for (const name in holder) {
      values += 1;
      // graphql-js reports up to fifty unknown keys, and each report prints the whole object.
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
