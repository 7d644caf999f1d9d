// Changing the email: requested, confirmed by the new email, undone by the old one.

import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnenrolled, AllowUnverified, Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { confirmEmailChange, requestEmailChange } from "../../auth/flows/email-change.ts";
import { undoEmailChange } from "../../auth/flows/email-change-undo.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { ChangesViewer } from "../changed.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@ObjectType({ description: "The payload of changeEmail." })
class ChangeEmailPayload {
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: "The payload of confirmEmailChange." })
class ConfirmEmailChangePayload extends ChangesViewer {
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: "The payload of undoEmailChange." })
class UndoEmailChangePayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class EmailChangeResolver {
  @AllowUnverified()
  @AllowUnenrolled()
  @Charged("reset.ip")
  @Mutation(() => ChangeEmailPayload, {
    nullable: true,
    description:
      "Sends a link to the new email. Nothing changes until the link is used. Requires a login in the last ten minutes. The response is the same for every email.",
  })
  async changeEmail(
    @Arg("email", () => String) email: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<ChangeEmailPayload> {
    unwrap(await requestEmailChange(context, { viewer, email }));
    return { message: "A mail was sent to the new email. Nothing changes until its link is used." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => ConfirmEmailChangePayload, {
    nullable: true,
    description: "Changes the email, with the link sent to the new email. Sessions stay valid.",
  })
  async confirmEmailChange(@Arg("token", () => String) token: string, @Ctx() context: Context) {
    await confirmEmailChange(context, { token });
    return { message: "The email is changed." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => UndoEmailChangePayload, {
    nullable: true,
    description:
      "Restores the old email, with the link sent to it. Ends all sessions and access tokens, and removes the password.",
  })
  async undoEmailChange(
    @Arg("token", () => String) token: string,
    @Ctx() context: Context,
  ): Promise<UndoEmailChangePayload> {
    await undoEmailChange(context, { token });
    return {
      message: "The old email is restored. A link to choose a new password was sent to it.",
    };
  }
}
