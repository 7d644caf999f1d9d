// Acting as another user, and the field that tells a front end of it.

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
import { AllowUnverified, Impersonable } from "../auth/access/decorators.ts";
import { impersonate, stopImpersonating } from "../auth/administration/impersonation.ts";
import { impersonatePermission } from "../auth/authentication/impersonator.ts";
import type { Context } from "../auth/context.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { User } from "../entities/user.ts";
import { whenKnown } from "../promise-or-value.ts";
import { CurrentViewer } from "./current-viewer.ts";

@ObjectType()
class ImpersonatePayload {
  @Field(() => String, { description: "Shown once. Keep it in memory only. There is no cookie." })
  token!: string;

  @Field(() => GraphQLDateTime, { description: "When it ends at the latest, used or not." })
  expiresAt!: Date;

  @Field(() => User)
  user!: User;
}

@ObjectType()
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
      "A token with which to act as another user, for an hour at most and no longer than the session that asks. The user is told. Asks for a login of the last ten minutes; refused for a user who may do what the viewer may not.",
  })
  async impersonate(
    @Arg("userId", () => ID) userId: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    return impersonate(context, { viewer, userId });
  }

  @Impersonable()
  // Whoever acts as an account whose address is not proven must be able to stop.
  @AllowUnverified()
  @Mutation(() => StopImpersonatingPayload, {
    nullable: true,
    description: "With the token of an impersonation, or with the session that began one.",
  })
  async stopImpersonating(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<StopImpersonatingPayload> {
    await stopImpersonating(context, { viewer });
    return { message: "You act as yourself." };
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description:
      "Of the viewer alone: who acts as them in this request, for a front end to show it. Else null.",
  })
  impersonatedBy(@Root() { id }: Pick<User, "id">, @Ctx() context: Context) {
    return whenKnown(context.findViewer(), (viewer) =>
      viewer?.userId === id ? viewer.impersonatorId : null,
    );
  }
}
