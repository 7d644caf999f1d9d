// Adding and removing an authenticator app. No mutation here has a scope.
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnenrolled, Charged } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { confirmTotp, removeTotp, startTotp } from "../../auth/flows/factors/totp-enrolment.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";
import { RecoveryCodesPayload } from "./second-factors.ts";

@ObjectType({ description: "The payload of startTotp. Shown only once, and valid for ten minutes." })
class StartTotpPayload {
  @Field(() => String, { description: "In base32, for typing." })
  secret!: string;

  @Field(() => String, { description: "The otpauth: URI, for an app on the same device." })
  uri!: string;

  @Field(() => String, { description: "The URI as a QR code: an SVG image." })
  qrSvg!: string;
}

@ObjectType({ description: "The payload of removeTotp." })
class RemoveTotpPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class TotpResolver {
  @AllowUnenrolled()
  @Mutation(() => StartTotpPayload, {
    nullable: true,
    description:
      "Begins to add an authenticator app. Requires a recent login, and a verified email if there is an email.",
  })
  async startTotp(@CurrentViewer() viewer: Viewer, @Ctx() context: Context): Promise<StartTotpPayload> {
    return unwrap(await startTotp(context, { viewer }));
  }

  @AllowUnenrolled()
  @Charged("by its own rules")
  @Mutation(() => RecoveryCodesPayload, {
    nullable: true,
    description:
      "Adds the authenticator app, once it shows a right code, in the place of an earlier one. Requires what startTotp requires. The code is used up.",
  })
  async confirmTotp(
    @Arg("code", () => String) code: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<RecoveryCodesPayload> {
    const recoveryCodes = unwrap(await confirmTotp(context, { viewer, code }));
    return { message: "The authenticator app is added. Keep these codes in a safe place.", recoveryCodes };
  }

  @Mutation(() => RemoveTotpPayload, {
    nullable: true,
    description: "Removes the authenticator app. Requires a recent login with a second factor.",
  })
  async removeTotp(@CurrentViewer() viewer: Viewer, @Ctx() context: Context): Promise<RemoveTotpPayload> {
    await removeTotp(context, { viewer });
    return { message: "The authenticator app is removed." };
  }
}
