// Registration, and verification of the email.

import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnenrolled, AllowUnverified, Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { resendVerification, verifyEmail } from "../../auth/flows/email-verification.ts";
import { register } from "../../auth/flows/registration.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { ChangesViewer } from "../changed.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@InputType({ description: "The input of register." })
class RegisterInput {
  @Field(() => String, {
    description: "Letters and digits, with dots, hyphens and underscores between them.",
  })
  username!: string;

  @Field(() => String)
  email!: string;

  @Field(() => String, { description: "12 to 128 characters. Common passwords are refused." })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description: "1 to 100 visible characters. Everybody who sees the user sees it.",
  })
  displayName!: string | null;

  @Field(() => String, { nullable: true, description: "A BCP 47 tag, such as de or pt-BR." })
  locale!: string | null;
}

@ObjectType({ description: "The payload of register." })
class RegisterPayload {
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: "The payload of verifyEmail." })
class VerifyEmailPayload extends ChangesViewer {
  @Field(() => String)
  message!: string;
}

@ObjectType({ description: "The payload of resendVerification." })
class ResendVerificationPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class RegistrationResolver {
  @Public()
  @Charged("register.ip")
  @Mutation(() => RegisterPayload, {
    nullable: true,
    description: "Creates a user. The response does not show whether the email was free: only the mail does.",
  })
  async register(
    @Arg("input", () => RegisterInput) input: RegisterInput,
    @Ctx() context: Context,
  ): Promise<RegisterPayload> {
    const { username, email, password, displayName, locale } = input;
    unwrap(await register(context, { username, email, password, displayName, locale }));
    return { message: "The account was created. Check your mail." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => VerifyEmailPayload, {
    nullable: true,
    description: "Verifies the email. Requires a session of the user, or their password.",
  })
  async verifyEmail(
    @Arg("token", () => String) token: string,
    @Arg("password", () => String, { nullable: true }) password: string | null,
    @Ctx() context: Context,
  ) {
    await verifyEmail(context, { token, password: password ?? null });
    return { message: "The email is verified." };
  }

  @AllowUnverified()
  @AllowUnenrolled()
  @Charged("reset.ip")
  @Mutation(() => ResendVerificationPayload, {
    nullable: true,
    description: "Sends the link again, unless the email is already verified.",
  })
  async resendVerification(
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<ResendVerificationPayload> {
    await resendVerification(context, { viewer });
    return { message: "A mail was sent, unless the email is already verified." };
  }
}
