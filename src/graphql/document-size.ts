// Measures a parsed document: the size of each operation with its fragments expanded, in time linear to the text.
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

/**
 * The size of a selection set. Repeated and skipped (@skip, @include) selections count: this measures the
 * text, not its result.
 */
export interface Size {
  readonly selections: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields directly in the set. */
  readonly fields: number;
  /** Among `fields`: how many `__schema` and `__type`. */
  readonly schemaFields: number;
  /** Among `fields`: how many `__typename`. */
  readonly typenames: number;
  /** Whether a `__schema` or `__type` is nested deeper. */
  readonly hasSchemaBelow: boolean;
  /** Depth of fields and their literals, without what is below `schemaFields`. */
  readonly depth: number;
  /** Depth below `schemaFields`, counted like `depth`. */
  readonly schemaDepth: number;
  readonly fragmentDepth: number;
}

const nothing: Size = {
  selections: 0,
  aliases: 0,
  directives: 0,
  fields: 0,
  schemaFields: 0,
  typenames: 0,
  hasSchemaBelow: false,
  depth: 0,
  schemaDepth: 0,
  fragmentDepth: 0,
};

/** The size of each operation. Unused fragments are not measured: validation refuses them. */
export const measureOperations = (document: DocumentNode): ReadonlyMap<OperationDefinitionNode, Size> => {
  const ofFragment = createFragmentMeasure(document);
  const sizes = new Map<OperationDefinitionNode, Size>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const { variableDefinitions = [] } = node;
    const values = variableDefinitions.map(({ defaultValue }) => depthOfValue(defaultValue));
    const directives = [node, ...variableDefinitions].flatMap((it) => it.directives ?? []);
    const size = withDirectives(measureSet(node.selectionSet, ofFragment), directives);
    sizes.set(node, { ...size, depth: Math.max(size.depth, ...values) });
  }
  return sizes;
};

type FragmentMeasure = (name: string) => Size;

/** Measures each fragment once, however often it is spread. */
const createFragmentMeasure = (document: DocumentNode): FragmentMeasure => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const sizes = new Map<string, Size>();
  const ofFragment: FragmentMeasure = (name) => {
    const known = sizes.get(name);
    if (known) return known;
    // Also for the fragment itself while it is measured: validation refuses cycles, with a better message.
    sizes.set(name, nothing);
    const fragment = fragments.get(name);
    if (fragment) sizes.set(name, measureFragment(fragment, ofFragment));
    return sizes.get(name) ?? nothing;
  };
  return ofFragment;
};

const measureSet = ({ selections }: SelectionSetNode, ofFragment: FragmentMeasure): Size =>
  selections.reduce((sum, selection) => add(sum, measureSelection(selection, ofFragment)), nothing);

const measureSelection = (node: SelectionNode, ofFragment: FragmentMeasure): Size => {
  if (node.kind === Kind.FIELD) return measureField(node, ofFragment);
  const size =
    node.kind === Kind.FRAGMENT_SPREAD
      ? withDirectives(ofFragment(node.name.value), node.directives)
      : measureFragment(node, ofFragment);
  return { ...size, selections: size.selections + 1, fragmentDepth: size.fragmentDepth + 1 };
};

const measureFragment = (
  { selectionSet, directives }: Pick<FragmentDefinitionNode, "selectionSet" | "directives">,
  ofFragment: FragmentMeasure,
): Size => withDirectives(measureSet(selectionSet, ofFragment), directives);

const measureField = (node: FieldNode, ofFragment: FragmentMeasure): Size => {
  const below = node.selectionSet ? measureSet(node.selectionSet, ofFragment) : nothing;
  const values = (node.arguments ?? []).map(({ value }) => depthOfValue(value));
  const { directives, depth: depthBelow } = withDirectives(below, node.directives);
  const depth = 1 + Math.max(depthBelow, below.schemaDepth, ...values);
  const isSchemaField = node.name.value === "__schema" || node.name.value === "__type";
  return {
    selections: 1 + below.selections,
    aliases: (node.alias ? 1 : 0) + below.aliases,
    directives,
    fields: 1,
    schemaFields: isSchemaField ? 1 : 0,
    typenames: node.name.value === "__typename" ? 1 : 0,
    hasSchemaBelow: below.schemaFields > 0 || below.hasSchemaBelow,
    depth: isSchemaField ? 0 : depth,
    schemaDepth: isSchemaField ? depth : 0,
    fragmentDepth: below.fragmentDepth,
  };
};

const withDirectives = (size: Size, directives: readonly DirectiveNode[] = []): Size =>
  directives.length === 0
    ? size
    : {
        ...size,
        directives: size.directives + directives.length,
        depth: Math.max(
          size.depth,
          ...directives.flatMap((it) => (it.arguments ?? []).map(({ value }) => depthOfValue(value))),
        ),
      };

const add = (left: Size, right: Size): Size => ({
  selections: left.selections + right.selections,
  aliases: left.aliases + right.aliases,
  directives: left.directives + right.directives,
  fields: left.fields + right.fields,
  schemaFields: left.schemaFields + right.schemaFields,
  typenames: left.typenames + right.typenames,
  hasSchemaBelow: left.hasSchemaBelow || right.hasSchemaBelow,
  depth: Math.max(left.depth, right.depth),
  schemaDepth: Math.max(left.schemaDepth, right.schemaDepth),
  fragmentDepth: Math.max(left.fragmentDepth, right.fragmentDepth),
});

const depthOfValue = (value: ValueNode | undefined): number => {
  if (value?.kind === Kind.LIST) return 1 + Math.max(0, ...value.values.map(depthOfValue));
  if (value?.kind === Kind.OBJECT)
    return 1 + Math.max(0, ...value.fields.map((field) => depthOfValue(field.value)));
  return 0;
};
