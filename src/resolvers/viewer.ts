// The viewer: who is calling.

import { Ctx, Query, Resolver } from "type-graphql";
import { Impersonable, Public, ReadsNodes, Scope } from "../auth/access/decorators.ts";
import type { Context } from "../auth/context.ts";
import { User } from "../entities/user.ts";

@Resolver()
export class ViewerResolver {
  @Public()
  @Impersonable()
  @Scope("profile:read")
  @ReadsNodes({
    type: "User",
    knows: (id, { userId }) => id === userId,
    read: (_context, { user }) => [user],
  })
  @Query(() => User, { nullable: true, description: "The current user. Null for anonymous requests." })
  async viewer(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    return viewer?.user ?? null;
  }
}
