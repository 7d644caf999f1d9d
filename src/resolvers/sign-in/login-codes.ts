// A login with a code from a mail.

import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { countLogin } from "../../auth/flows/counted-login.ts";
import { logInWithCode, requestLoginCode } from "../../auth/flows/mailed-login.ts";
import { unwrap } from "../unwrap.ts";
import { LoginMode, LoginPayload, toLoginPayload, wantedBy } from "./login-payload.ts";

@ObjectType({ description: "The payload of requestLoginCode, the same for every email." })
class RequestLoginCodePayload {
  @Field(() => String)
  message!: string;

  @Field(() => String, {
    description:
      "Names the login that waits. With the code of the mail it opens loginWithCode and nothing else. For a login with a cookie, it needs the cookie of this response too.",
  })
  pendingToken!: string;

  @Field(() => GraphQLDateTime)
  expiresAt!: Date;
}

@Resolver()
export class LoginCodeResolver {
  @Public()
  @Charged("reset.ip")
  @Mutation(() => RequestLoginCodePayload, {
    nullable: true,
    description:
      "Mails a code, if a user has this email. The response is the same for every email. The newest code ends earlier ones.",
  })
  async requestLoginCode(
    @Arg("email", () => String) email: string,
    @Ctx() context: Context,
  ): Promise<RequestLoginCodePayload> {
    const requested = unwrap(await requestLoginCode(context, { email }));
    return { ...requested, message: "If a user has this email, a code was mailed to it." };
  }

  @Public()
  @Charged("secret.ip")
  @Mutation(() => LoginPayload, {
    nullable: true,
    description:
      "Creates a session with a code from a mail, or asks a user with a second factor for it. A cookie needs the browser that asked for the code.",
  })
  async loginWithCode(
    @Arg("pendingToken", () => String) pendingToken: string,
    @Arg("code", () => String, {
      description: "Eight letters and digits, in any case, with or without the hyphen.",
    })
    code: string,
    @Arg("mode", () => LoginMode, { defaultValue: LoginMode.SESSION_AND_TOKEN }) mode: LoginMode,
    @Ctx() context: Context,
  ) {
    return toLoginPayload(
      await countLogin(context, "mailed_code", () =>
        logInWithCode(context, { pendingToken, code, ...wantedBy(mode) }),
      ),
    );
  }
}
