// The selections at the root of a subscription, of which there must be one, whatever the variables are.
import { type DocumentNode, Kind, OperationTypeNode, type SelectionSetNode } from "graphql";

/**
 * True if `@skip` or `@include` decides about a root field: directly, by a fragment or within one. The rule of graphql-js counts the
 * fields without their variables: it throws where one is needed, and takes a subscription without any field for valid.
 * https://spec.graphql.org/September2025/#sec-Single-Root-Field
 */
export const hasConditionalRoot = (document: DocumentNode): boolean => {
  const { definitions } = document;
  const subscriptions = definitions.filter(
    (it) => it.kind === Kind.OPERATION_DEFINITION && it.operation === OperationTypeNode.SUBSCRIPTION,
  );
  // Most documents end here.
  if (subscriptions.length === 0) return false;
  const fragments = new Map<string, SelectionSetNode>();
  for (const it of definitions)
    if (it.kind === Kind.FRAGMENT_DEFINITION) fragments.set(it.name.value, it.selectionSet);
  const seen = new Set<SelectionSetNode>();
  const isConditional = (set: SelectionSetNode | undefined): boolean => {
    // A fragment that spreads itself is refused by validation.
    if (set === undefined || seen.has(set)) return false;
    seen.add(set);
    return set.selections.some(
      (it) =>
        it.directives?.some(({ name }) => name.value === "skip" || name.value === "include") ||
        (it.kind === Kind.INLINE_FRAGMENT && isConditional(it.selectionSet)) ||
        (it.kind === Kind.FRAGMENT_SPREAD && isConditional(fragments.get(it.name.value))),
    );
  };
  return subscriptions.some((it) => it.kind === Kind.OPERATION_DEFINITION && isConditional(it.selectionSet));
};
