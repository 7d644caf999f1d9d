// Finds objects of any type by their ids, as far as the viewer may read them through the root fields of their types.
import type { GraphQLResolveInfo } from "graphql";
import { sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database } from "../../database/tables.ts";
import { asNode } from "../../entities/node.ts";
import { TableError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { type GuardedSource, guardedSourcesOf, type NodeSource, type Pass } from "./nodes.ts";

export interface WantedNode {
  readonly id: string;
  /** Null: any type. */
  readonly type: string | null;
}

/**
 * Null for an object that does not exist and for one that the viewer may not read: the difference would show which ids exist. One
 * statement finds the types of all ids, and one more reads each type that was found.
 */
export async function findNodes(
  context: Context,
  info: GraphQLResolveInfo,
  wanted: readonly WantedNode[],
): Promise<(object | null)[]> {
  const open = await openSources(context, info);
  const chosen = new Choice();
  const searched = new Choice();
  for (const { id, type } of wanted.map(canonical)) {
    const candidates = open.filter(({ source }) => type === null || source.type === type);
    const known = candidates.find(({ source, viewer }) => "knows" in source && source.knows(id, viewer));
    if (known) chosen.add(known, id);
    else if (isUuid(id)) for (const it of candidates) if ("select" in it.source) searched.add(it, id);
  }
  for (const [source, id] of await findSources(context.database, searched)) chosen.add(source, id);

  const nodes = new Map<string, object>();
  const read = async ([{ source, context: own, viewer }, ids]: [OpenSource, Set<string>]) => {
    for (const row of await source.read(own, viewer, [...ids]))
      nodes.set(keyOf(row.id, source.type), asNode(row, source.type));
  };
  await Promise.all([...chosen].map(read));
  const types = [...new Set(open.map(({ source }) => source.type))];
  const findNode = ({ id, type }: WantedNode) =>
    (type === null ? types : [type]).map((it) => nodes.get(keyOf(id, it))).find((it) => it !== undefined);
  return wanted.map((it) => findNode(canonical(it)) ?? null);
}

type OpenSource = Pass & { readonly source: NodeSource };

/** The ids for each source. */
class Choice extends Map<OpenSource, Set<string>> {
  add(source: OpenSource, id: string): void {
    this.set(source, (this.get(source) ?? new Set()).add(id));
  }
}

const keyOf = (id: string, type: string): string => `${type} ${id}`;

/** PostgreSQL reads UUIDs in capitals too. */
const canonical = ({ id, type }: WantedNode): WantedNode => ({ id: id.toLowerCase(), type });

/** The sources whose root fields the viewer may use. */
const openSources = async (context: Context, info: GraphQLResolveInfo): Promise<OpenSource[]> => {
  const entered = await Promise.all(guardedSourcesOf(info.schema).map((it) => enter(it, context, info)));
  return entered.filter((it) => it !== null);
};

const enter = async (
  { source, enter }: GuardedSource,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<OpenSource | null> => {
  // A path of its own: a public field marks the path on which it treats a token as anonymous.
  const ownInfo = { ...info, path: { ...info.path } };
  try {
    const pass = await enter(null, {}, context, ownInfo);
    return pass && { ...pass, source };
  } catch (error) {
    if (error instanceof TableError && isRefusal(error)) return null;
    throw error;
  }
};

const isRefusal = ({ code }: TableError): boolean => code === "FORBIDDEN" || code === "UNAUTHENTICATED";

/** Which source has which id. A single candidate is not asked first: reading decides as well. */
const findSources = async (
  database: Database,
  searched: Choice,
): Promise<readonly (readonly [OpenSource, string])[]> => {
  const sources = [...searched];
  if (sources.length < 2)
    return sources.flatMap(([source, ids]) => [...ids].map((id) => [source, id] as const));
  const selects = sources.map(([{ source, viewer }, ids], index) =>
    "select" in source
      ? sql`select id, ${index}::int as source from (${source.select(viewer, [...ids])}) as found`
      : sql``,
  );
  const { rows } = await sql<{ id: string; source: number }>`${sql.join(selects, sql` union all `)}`.execute(
    database,
  );
  return rows.flatMap(({ id, source }) => {
    const found = sources[source]?.[0];
    return found ? [[found, id] as const] : [];
  });
};
