// Impersonation, and the field that shows it to a front end.

import { GraphQLDateTime } from "graphql-scalars";
import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from "type-graphql";
import { AllowUnverified, Impersonable } from "../../auth/access/decorators.ts";
import { impersonate, stopImpersonating } from "../../auth/administration/impersonation.ts";
import { impersonatePermission } from "../../auth/authentication/impersonator.ts";
import type { Context } from "../../auth/context.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { User } from "../../entities/user.ts";
import { whenKnown } from "../../promise-or-value.ts";
import { CurrentViewer } from "../current-viewer.ts";

@ObjectType({ description: "The payload of impersonate." })
class ImpersonatePayload {
  @Field(() => String, { description: "Shown only once. Keep it only in memory. There is no cookie." })
  token!: string;

  @Field(() => GraphQLDateTime, { description: "When it expires, even if it is used." })
  expiresAt!: Date;

  @Field(() => User)
  user!: User;
}

@ObjectType({ description: "The payload of stopImpersonating." })
class StopImpersonatingPayload {
  @Field(() => String)
  message!: string;
}

@Resolver(() => User)
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

  @FieldResolver(() => ID, {
    nullable: true,
    description:
      "Only on the viewer: the user who impersonates them in this request, so that a front end can show it. Otherwise null.",
  })
  impersonatedBy(@Root() { id }: Pick<User, "id">, @Ctx() context: Context) {
    return whenKnown(context.findViewer(), (viewer) =>
      viewer?.userId === id ? viewer.impersonatorId : null,
    );
  }
}
