// Another e-mail address: asked for, confirmed by the new one, taken back by the old one.

import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnverified, Charged, Public } from "../auth/access/decorators.ts";
import type { Context } from "../auth/context.ts";
import { confirmEmailChange, requestEmailChange } from "../auth/flows/email-change.ts";
import { undoEmailChange } from "../auth/flows/email-change-undo.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { CurrentViewer } from "./current-viewer.ts";
import { unwrap } from "./unwrap.ts";

@ObjectType()
class ChangeEmailPayload {
  @Field(() => String)
  message!: string;
}

@ObjectType()
class ConfirmEmailChangePayload {
  @Field(() => String)
  message!: string;
}

@ObjectType()
class UndoEmailChangePayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class EmailChangeResolver {
  @AllowUnverified()
  @Charged("reset.ip")
  @Mutation(() => ChangeEmailPayload, {
    nullable: true,
    description:
      "Sends a link to the new address, and changes nothing before it is used. Asks for a login of the last ten minutes. The answer is the same for any address.",
  })
  async changeEmail(
    @Arg("email", () => String) email: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<ChangeEmailPayload> {
    unwrap(await requestEmailChange(context, { viewer, email }));
    return { message: "A mail is on its way to the new address. Nothing changes until its link is used." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => ConfirmEmailChangePayload, {
    nullable: true,
    description: "Changes the address, by the link of the mail to the new one. Sessions go on.",
  })
  async confirmEmailChange(
    @Arg("token", () => String) token: string,
    @Ctx() context: Context,
  ): Promise<ConfirmEmailChangePayload> {
    await confirmEmailChange(context, { token });
    return { message: "The address is changed." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => UndoEmailChangePayload, {
    nullable: true,
    description:
      "Gives the account its old address again, by the link of the mail to that address. Every session, access token and password ends.",
  })
  async undoEmailChange(
    @Arg("token", () => String) token: string,
    @Ctx() context: Context,
  ): Promise<UndoEmailChangePayload> {
    await undoEmailChange(context, { token });
    return {
      message: "The old address is back. Choose a new password with the link that is on its way to it.",
    };
  }
}
