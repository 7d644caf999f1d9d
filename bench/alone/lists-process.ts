// One list of a thousand objects, with plain graphql-js and with Graphward's schema builder, in one process.
import { Public } from "../../src/auth/access/decorators.ts";
import "reflect-metadata";
import {
  execute,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from "graphql";
import { Field, Float, Int, ObjectType, Query, Resolver } from "type-graphql";
import type { Context } from "../../src/auth/context.ts";
import { buildSchemaOf } from "../../src/schema/build.ts";
import { serveOrders } from "../loads/worker.ts";
import type { ListsOrder, ListsReport } from "./lists.ts";

@ObjectType()
class Item {
  @Field(() => String) id!: string;
  @Field(() => String) title!: string;
  @Field(() => String) author!: string;
  @Field(() => String, { nullable: true }) note!: string | null;
  @Field(() => Int) pages!: number;
  @Field(() => Int) copies!: number;
  @Field(() => Float) price!: number;
  @Field(() => Float) weight!: number;
  @Field(() => Boolean) available!: boolean;
  @Field(() => Boolean) lent!: boolean;
}

const data: readonly Item[] = Array.from({ length: 1000 }, (_, index) => ({
  id: `item-${index}`,
  title: `Title ${index}`,
  author: `Author ${index % 100}`,
  note: index % 2 === 0 ? null : `Note ${index}`,
  pages: index,
  copies: index % 7,
  price: index / 4,
  weight: index / 8,
  available: index % 3 === 0,
  lent: index % 5 === 0,
}));

@Resolver()
class ItemResolver {
  @Public()
  @Query(() => [Item])
  openItems(): readonly Item[] {
    return data;
  }

  @Query(() => [Item])
  items(): readonly Item[] {
    return data;
  }
}

const scalarOf = (type: GraphQLScalarType) => ({ type: new GraphQLNonNull(type) });
const plainItem = new GraphQLObjectType({
  name: "Item",
  fields: {
    id: scalarOf(GraphQLString),
    title: scalarOf(GraphQLString),
    author: scalarOf(GraphQLString),
    note: { type: GraphQLString },
    pages: scalarOf(GraphQLInt),
    copies: scalarOf(GraphQLInt),
    price: scalarOf(GraphQLFloat),
    weight: scalarOf(GraphQLFloat),
    available: scalarOf(GraphQLBoolean),
    lent: scalarOf(GraphQLBoolean),
  },
});
const plainList = {
  type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(plainItem))),
  resolve: () => data,
};
const schemas = {
  plain: new GraphQLSchema({
    query: new GraphQLObjectType({ name: "Query", fields: { items: plainList, openItems: plainList } }),
  }),
  guarded: buildSchemaOf([ItemResolver]).schema,
};

const viewer = {
  userId: "1",
  hasProvenFactor: false,
  sessionId: "1",
  accessToken: null,
  impersonatorId: null,
  roles: [],
  permissions: [],
  user: {
    id: "1",
    username: "alice",
    displayName: null,
    locale: null,
    email: null,
    roles: [],
    permissions: [],
    createdAt: new Date(0),
    emailVerified: true,
    hasSecondFactor: false,
  },
};
const contextValue: Pick<Context, "findViewer" | "scopes"> = { findViewer: async () => viewer, scopes: null };

const run = async ({ schema, field, duration }: ListsOrder): Promise<ListsReport> => {
  const fields = Object.keys(data[0] ?? {}).join(" ");
  const document = parse(`{ ${field} { ${fields} } }`);
  const { cpuUsage } = process;
  const start = cpuUsage();
  const end = performance.now() + duration;
  let count = 0;
  let answer = "";
  for (; performance.now() < end; count++)
    answer = JSON.stringify(await execute({ schema: schemas[schema], document, contextValue }));
  const { user, system } = cpuUsage(start);
  if (answer !== JSON.stringify({ data: { [field]: data } }))
    throw new Error(`${schema} ${field} answers ${answer.slice(0, 500)}`);
  return { cpu: (user + system) / 1000 / count };
};

serveOrders(run);
