// Where a token that has leaked is handed in.

import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { Charged, Public } from "../auth/access/decorators.ts";
import type { Context } from "../auth/context.ts";
import { endLeakedToken } from "../auth/flows/leaked-token.ts";

@ObjectType()
class ReportLeakedTokenPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class LeakedTokenResolver {
  @Public()
  @Charged("secret.ip")
  @Mutation(() => ReportLeakedTokenPayload, {
    nullable: true,
    description: "Ends a token that was found in public. The answer is the same for any text.",
  })
  async reportLeakedToken(
    @Arg("token", () => String) token: string,
    @Ctx() context: Context,
  ): Promise<ReportLeakedTokenPayload> {
    await endLeakedToken(context, { token: token.trim() });
    return { message: "Thank you. If this is a token of ours, it has ended." };
  }
}
