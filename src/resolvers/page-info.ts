// The arguments and the page info of every list with pages, as in Relay's connections.
import { ArgsType, Field, Int, ObjectType } from "type-graphql";
import { defaultItems, maxItems, type Page, type PageInput } from "../auth/page.ts";

@ArgsType()
export class PageArguments implements PageInput {
  @Field(() => Int, {
    nullable: true,
    description: `1 to ${maxItems}. Without first and last: ${defaultItems}.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "The endCursor of the previous page." })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `1 to ${maxItems}, from the end. Not together with first.`,
  })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "The startCursor of the next page." })
  before?: string | null;
}

@ObjectType({ description: "Where a page is in its list." })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether there are more items after this page." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether there are more items before this page." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Pass it as `before` for the previous page." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Pass it as `after` for the next page." })
  endCursor!: string | null;
}

/** Edges, nodes and page info as in Relay's connections. */
export const connectionOf = <Row>(page: Page<Row>, cursorOf: (row: Row) => string) => {
  const { rows, hasNextPage, hasPreviousPage } = page;
  const edges = rows.map((node) => ({ cursor: cursorOf(node), node }));
  const endCursor = page.endCursor ?? edges.at(-1)?.cursor ?? null;
  const startCursor = page.startCursor ?? edges[0]?.cursor ?? null;
  return { edges, nodes: rows, pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor } };
};
