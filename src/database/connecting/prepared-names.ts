// The names under which each connection keeps the plans of statements that are run often.

/** A statement with ever new texts, such as one with a list of its values, would fill the memory of every connection. */
const mostNames = 100;

const names = new Map<string, string>();

/** From now on, connections to PostgreSQL itself keep the plan of this text. */
export function keepPlanOf(text: string): void {
  if (!names.has(text) && names.size < mostNames) names.set(text, `graphward_${names.size + 1}`);
}

/** Null: it is planned for each run. */
export function findPreparedName(text: string): string | null {
  return names.get(text) ?? null;
}
