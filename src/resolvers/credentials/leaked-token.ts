// Reporting a leaked access token.

import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { endLeakedToken } from "../../auth/flows/leaked-token.ts";

@ObjectType({ description: "The payload of reportLeakedToken." })
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
    description: "Ends a token that was found in public. The response is the same for every text.",
  })
  async reportLeakedToken(
    @Arg("token", () => String) token: string,
    @Ctx() context: Context,
  ): Promise<ReportLeakedTokenPayload> {
    await endLeakedToken(context, { token: token.trim() });
    return { message: "Thank you. If this token was valid, it is now revoked." };
  }
}
