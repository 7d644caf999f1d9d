// Measures the values of variables: coercion and resolvers walk them and recurse at each level.
import type { DocumentLimits, Limit } from "./document-limits.ts";

export type VariableMeasure = (variables: Readonly<Record<string, unknown>>) => Limit | null;

/** Returns the limit that variables exceed, or null. Stops at the limits, however large the input is. */
export const createVariableMeasure =
  ({
    variableDepth,
    variableValues,
  }: Pick<DocumentLimits, "variableDepth" | "variableValues">): VariableMeasure =>
  (variables) => {
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
