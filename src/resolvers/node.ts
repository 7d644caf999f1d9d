// Relay's root fields: objects of any type by their ids.
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, ID, Info, Query, Resolver } from "type-graphql";
import { Impersonable, Scope } from "../auth/access/decorators.ts";
import { findNodes } from "../auth/access/node-lookup.ts";
import type { Context } from "../auth/context.ts";
import { maxItems } from "../auth/page.ts";
import { Node } from "../entities/node.ts";
import { badUserInput, brokenRule } from "../errors.ts";

@Resolver()
export class NodeResolver {
  // The field that reads the type decides too: a token needs the scopes of both.
  @Impersonable()
  @Scope("nodes:read")
  @Query(() => Node, {
    nullable: true,
    description:
      "The object with this id. Null if it does not exist, or if no other query would show it to the viewer.",
  })
  async node(@Arg("id", () => ID) id: string, @Ctx() context: Context, @Info() info: GraphQLResolveInfo) {
    const [node] = await findNodes(context, info, [{ id, type: null }]);
    return node ?? null;
  }

  @Impersonable()
  @Scope("nodes:read")
  @Query(() => [Node], {
    nullable: "itemsAndList",
    description: `The objects with these ids, in their order, each as in node. At most ${maxItems}.`,
  })
  nodes(@Arg("ids", () => [ID]) ids: string[], @Ctx() context: Context, @Info() info: GraphQLResolveInfo) {
    if (ids.length > maxItems) throw badUserInput([tooMany]);
    return findNodes(
      context,
      info,
      ids.map((id) => ({ id, type: null })),
    );
  }
}

const tooMany = brokenRule("ids", "max_items", `At most ${maxItems} ids can be given.`);
