// Page info, for every list with pages.
import { Field, ObjectType } from "type-graphql";
import type { Page } from "../auth/page.ts";

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: "Pass it as `after` for the next page." })
  endCursor!: string | null;
}

/** Edges, nodes and page info as in Relay's connections. */
export const connectionOf = <Row>(
  { rows, hasNextPage, endCursor }: Page<Row>,
  cursorOf: (row: Row) => string,
) => {
  const edges = rows.map((node) => ({ cursor: cursorOf(node), node }));
  const last = endCursor ?? edges.at(-1)?.cursor ?? null;
  return { edges, nodes: rows, pageInfo: { hasNextPage, endCursor: last } };
};
