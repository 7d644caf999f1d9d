// The password: reset and change.

import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { changePassword } from "../../auth/flows/password-change.ts";
import { requestPasswordReset, resetPassword } from "../../auth/flows/password-reset.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { ChangesSessions } from "../changed.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@ObjectType({ description: "The payload of requestPasswordReset." })
class RequestPasswordResetPayload {
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: "The payload of resetPassword." })
class ResetPasswordPayload {
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: "The payload of changePassword." })
class ChangePasswordPayload extends ChangesSessions {
  @Field(() => String)
  message!: string;

  @Field(() => String, {
    nullable: true,
    description: "The new token, for requests with a token. Shown only once.",
  })
  token!: string | null;

  @Field(() => GraphQLDateTime, { description: "When the session expires if it is not used again." })
  expiresAt!: Date;
}

@Resolver()
export class PasswordResolver {
  @Public()
  @Charged("reset.ip")
  @Mutation(() => RequestPasswordResetPayload, {
    nullable: true,
    description: "Sends a link, if a user has this email. The response is the same for every email.",
  })
  async requestPasswordReset(
    @Arg("email", () => String) email: string,
    @Ctx() context: Context,
  ): Promise<RequestPasswordResetPayload> {
    unwrap(await requestPasswordReset(context, { email }));
    return { message: "If a user has this email, a mail was sent to it." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => ResetPasswordPayload, {
    nullable: true,
    description: "Sets the password, with a link from mail, and ends all sessions. Log in afterwards.",
  })
  async resetPassword(
    @Arg("token", () => String) token: string,
    @Arg("newPassword", () => String) newPassword: string,
    @Ctx() context: Context,
  ): Promise<ResetPasswordPayload> {
    unwrap(await resetPassword(context, { token, newPassword }));
    return { message: "The password is set. All sessions have ended. Please log in." };
  }

  @Charged("by its own rules")
  @Mutation(() => ChangePasswordPayload, {
    nullable: true,
    description:
      "Ends the viewer's other sessions. Replaces the credential of this request. Also sets the first password of a viewer without one, after a login in the last ten minutes.",
  })
  async changePassword(
    @Arg("currentPassword", () => String, {
      nullable: true,
      description: "Left out only by a viewer whose hasPassword is false.",
    })
    currentPassword: string | null,
    @Arg("newPassword", () => String) newPassword: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const change = { viewer, currentPassword: currentPassword ?? null, newPassword };
    const changed = await changePassword(context, change);
    return { ...unwrap(changed), message: "The password is changed." };
  }
}
