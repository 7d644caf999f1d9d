// The target for a number, and whether it is met. A miss is only reported, because machines differ.

export interface Target {
  readonly kind: "at least" | "at most" | "below";
  readonly value: number;
  readonly unit?: string;
}

export const targetColumns: readonly [string, string] = ["target", "met"];

/** Two cells, both empty without a target. */
export const targetCells = (
  target: Target | null,
  value: number | null | undefined,
): readonly [string, string] => {
  if (target === null) return ["", ""];
  const text = `${target.kind} ${target.value}${target.unit ? ` ${target.unit}` : ""}`;
  return [text, typeof value !== "number" ? "?" : isMet(target, value) ? "yes" : "NO"];
};

const isMet = ({ kind, value: limit }: Target, value: number): boolean => {
  if (kind === "at least") return value >= limit;
  return kind === "below" ? value < limit : value <= limit;
};
