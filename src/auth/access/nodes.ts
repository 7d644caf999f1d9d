// The types that `node` can read: each is read as one of the root fields reads it, behind the guard of that field.
import { type GraphQLFieldResolver, type GraphQLSchema, isInterfaceType, isObjectType } from "graphql";
import type { RawBuilder } from "kysely";
import type { PromiseOrValue } from "../../promise-or-value.ts";
import type { Context } from "../context.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { AccessRuleError } from "./rule-error.ts";
import { isRootType, objectFields } from "./schema-fields.ts";

/** How a root field reads objects by their ids. */
export type NodeSource = {
  /** The name of a type that implements `Node`. */
  readonly type: string;
  /** Returns those of these objects that the root field would show to the viewer, in any order. */
  read(
    context: Context,
    viewer: Viewer,
    ids: readonly string[],
  ): PromiseOrValue<readonly { readonly id: string }[]>;
} & (
  | {
      /** Whether an id can be of this type only. Then no query looks for its type. */
      knows(id: string, viewer: Viewer): boolean;
    }
  | {
      /** Selects the column `id` of those of these UUIDs that the viewer may see, so that one statement asks all types. */
      select(viewer: Viewer, ids: readonly string[]): RawBuilder<{ id: string }>;
    }
);

export const nodeInterface = "Node";

/** Maps each type that implements `Node` to the coordinates of the root fields that read it. */
export const readNodeSources = (schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const { type, field, coordinate } of objectFields(schema)) {
    const source = field.extensions.nodes;
    if (source === undefined) continue;
    const shown = schema.getType(source.type);
    if (!isRootType(schema, type) || !isObjectType(shown) || !shown.getInterfaces().some(isNode))
      throw new AccessRuleError(
        `${coordinate} has @ReadsNodes(), which is for a root field and a type that implements ${nodeInterface}.`,
      );
    found.set(source.type, [...(found.get(source.type) ?? []), coordinate]);
  }
  refuseUnread(schema, found);
  return found;
};

/** Otherwise clients would take the type for one that `node` returns. */
const refuseUnread = (schema: GraphQLSchema, found: ReadonlyMap<string, unknown>): void => {
  const node = schema.getType(nodeInterface);
  if (!isInterfaceType(node)) return;
  const isServed = "node" in (schema.getQueryType()?.getFields() ?? {});
  for (const { name } of isServed ? schema.getPossibleTypes(node) : [])
    if (!found.has(name))
      throw new AccessRuleError(
        `${name} implements ${nodeInterface}, but no root field reads it: add @ReadsNodes() to the root field that shows it.`,
      );
};

const isNode = ({ name }: { readonly name: string }): boolean => name === nodeInterface;

/** Whom a root field lets read its type: the viewer, in the context that the field would get. */
export interface Pass {
  readonly context: Context;
  readonly viewer: Viewer;
}

/** Returns null for an anonymous caller, and throws what the guard of the root field throws. */
export type Entrance = GraphQLFieldResolver<unknown, Context, object, PromiseOrValue<Pass | null>>;

export interface GuardedSource {
  readonly source: NodeSource;
  readonly enter: Entrance;
}

const sourcesOf = new WeakMap<GraphQLSchema, GuardedSource[]>();

/** Called by the guard for each root field with `@ReadsNodes()`. */
export const keepSource = (schema: GraphQLSchema, source: GuardedSource): void => {
  sourcesOf.set(schema, [...(sourcesOf.get(schema) ?? []), source]);
};

export const guardedSourcesOf = (schema: GraphQLSchema): readonly GuardedSource[] =>
  sourcesOf.get(schema) ?? [];
