// Impersonation: acting as another user.

import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Authorized, Ctx, Field, ID, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnverified, AsOwner, Impersonable } from "../../auth/access/decorators.ts";
import { impersonate, stopImpersonating } from "../../auth/administration/impersonation.ts";
import { impersonatePermission } from "../../auth/authentication/impersonator.ts";
import type { Context } from "../../auth/context.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { User } from "../../entities/user.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "The payload of impersonate." })
class ImpersonatePayload {
  @Field(() => String, { description: "Shown only once. Keep it only in memory. There is no cookie." })
  token!: string;

  @Field(() => GraphQLDateTime, { description: "When it expires, even if it is used." })
  expiresAt!: Date;

  // The actor becomes this user, and could read the same with the token.
  @AsOwner()
  @Field(() => User)
  user!: User;
}

@ObjectType({ description: "The payload of stopImpersonating." })
class StopImpersonatingPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class ImpersonationResolver {
  @Authorized(impersonatePermission)
  @Mutation(() => ImpersonatePayload, {
    nullable: true,
    description:
      "Creates a token to act as another user, for at most one hour and no longer than the current session. The user is notified by mail. Requires a login in the last ten minutes. Refused if the user has a permission that the viewer does not have.",
  })
  async impersonate(
    @Arg("userId", () => ID) userId: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    return impersonate(context, { viewer, userId });
  }

  @Impersonable()
  // An actor who impersonates a user with an unverified email must be able to stop.
  @AllowUnverified()
  @Mutation(() => StopImpersonatingPayload, {
    nullable: true,
    description: "Use the token of the impersonation, or the session that started it.",
  })
  async stopImpersonating(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<StopImpersonatingPayload> {
    await stopImpersonating(context, { viewer });
    return { message: "The impersonation has ended." };
  }
}
