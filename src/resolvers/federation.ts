// The root fields of a subgraph in Apollo Federation, served with FEDERATION=on.
import { type GraphQLResolveInfo, GraphQLScalarType, valueFromASTUntyped } from "graphql";
import {
  Arg,
  Authorized,
  type ClassType,
  Ctx,
  createUnionType,
  Field,
  getMetadataStorage,
  Info,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { Impersonable, Scope } from "../auth/access/decorators.ts";
import { findNodes, type WantedNode } from "../auth/access/node-lookup.ts";
import { printSubgraph } from "../auth/access/subgraph.ts";
import type { Context } from "../auth/context.ts";
import { Node, typeOfNode } from "../entities/node.ts";
import { badUserInput, brokenRule } from "../errors.ts";

const Representation = new GraphQLScalarType({
  name: "_Any",
  description: "An entity as a gateway names it: `__typename`, and the fields of a key.",
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

const Entity = createUnionType({
  name: "_Entity",
  description: "Every type that a gateway can read by its id.",
  types: () =>
    getMetadataStorage()
      .objectTypes.filter(({ interfaceClasses }) => interfaceClasses?.includes(Node))
      .map(({ target }) => target as ClassType<object>),
  resolveType: typeOfNode,
});

@ObjectType("_Service", { description: "What a gateway composes." })
class Service {
  @Field(() => String, { description: "The schema of this subgraph." })
  sdl!: string;
}

@Resolver()
export class FederationResolver {
  // The whole schema, whatever the caller may use of it: introspection hides the fields of administrators.
  @Authorized("schema:read")
  @Scope("schema:read")
  @Query(() => Service, { description: "The schema of this subgraph." })
  _service(@Info() { schema }: GraphQLResolveInfo): Service {
    return { sdl: printSubgraph(schema) };
  }

  // The field that reads the type decides too, as for `node`.
  @Impersonable()
  @Scope("nodes:read")
  @Query(() => [Entity], {
    nullable: "items",
    description: "The objects that a gateway names, in their order, each as in node.",
  })
  _entities(
    @Arg("representations", () => [Representation]) representations: unknown[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return findNodes(context, info, representations.map(requireKey));
  }
}

const requireKey = (representation: unknown): WantedNode => {
  const { __typename: type, id } = { ...(representation as Readonly<Record<string, unknown>>) };
  if (typeof type !== "string" || (typeof id !== "string" && typeof id !== "number"))
    throw badUserInput([noKey]);
  return { type, id: String(id) };
};

const noKey = brokenRule("representations", "key", "A representation has a __typename and an id.");
