// The label of an operation: its root field, if the schema has it. A client can add no label.
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { OperationRoot, RootField } from "../meter.ts";

export interface RootFields {
  /** For operations that have passed validation. */
  find(document: DocumentNode, operation: OperationDefinitionNode): OperationRoot;
  /** The label for a document that was refused. */
  readonly none: RootField;
  /** With `none`. */
  readonly all: readonly RootField[];
}

/** Beside the schema's own: an operation with several root fields, and one about the schema. */
const others = ["several", "introspection"];

export const createRootFields = (schema: GraphQLSchema): RootFields => {
  const none: RootField = { type: "query", name: "none" };
  const of = (type: RootField["type"], names: readonly string[]) =>
    new Map([...names, ...others].map((name): [string, RootField] => [name, { type, name }]));
  const queries = of("query", Object.keys(schema.getQueryType()?.getFields() ?? {}));
  const mutations = of("mutation", Object.keys(schema.getMutationType()?.getFields() ?? {}));
  const subscriptions = of("subscription", Object.keys(schema.getSubscriptionType()?.getFields() ?? {}));
  const named = { query: queries, mutation: mutations, subscription: subscriptions };
  // Documents are kept for as long as they are sent again: their labels are found once.
  const known = new WeakMap<OperationDefinitionNode, OperationRoot>();
  return {
    none,
    all: [none, ...queries.values(), ...mutations.values(), ...subscriptions.values()],
    find(document, operation) {
      const found = known.get(operation);
      if (found !== undefined) return found;
      const names = new Set<string>();
      collect(document, operation.selectionSet, names);
      const root = { label: named[operation.operation].get(nameOf(names)) ?? none, fields: [...names] };
      known.set(operation, root);
      return root;
    },
  };
};

const nameOf = (names: ReadonlySet<string>): string => {
  const [first = "none", second] = names;
  if (second !== undefined) return "several";
  return first.startsWith("__") ? "introspection" : first;
};

/** A validated document has no fragment inside itself. */
const collect = (
  document: DocumentNode,
  { selections }: SelectionSetNode,
  names: Set<string>,
  seen = new Set<string>(),
): void => {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) names.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT) collect(document, selection.selectionSet, names, seen);
    else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      const fragment = document.definitions.find(
        (it) => it.kind === Kind.FRAGMENT_DEFINITION && it.name.value === selection.name.value,
      );
      if (fragment?.kind === Kind.FRAGMENT_DEFINITION) collect(document, fragment.selectionSet, names, seen);
    }
  }
};
