// Who is calling.
import { Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../auth/context.ts";
import { Public } from "../auth/public.ts";
import { User } from "../entities/user.ts";

@Resolver()
export class ViewerResolver {
  @Public()
  @Query(() => User, { nullable: true, description: "Who is calling; null when anonymous." })
  async viewer(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    return viewer?.user ?? null;
  }
}
