// The second step of a login.
import { GraphQLJSONObject } from "graphql-scalars";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { countLogin } from "../../auth/flows/counted-login.ts";
import { completeLogin } from "../../auth/flows/factors/second-step.ts";
import { LoginPayload, toLoginPayload } from "./login-payload.ts";

@Resolver()
export class SecondStepResolver {
  @Public()
  @Charged("secret.ip")
  @Mutation(() => LoginPayload, {
    nullable: true,
    description:
      "Completes a login that has answered with a challenge. Send exactly one proof. The response is the same for a wrong proof and for a factor that the user does not have.",
  })
  async completeLogin(
    @Arg("pendingToken", () => String) pendingToken: string,
    @Arg("code", () => String, {
      nullable: true,
      description: "Six digits from the authenticator app. Each works once.",
    })
    code: string | null,
    @Arg("recoveryCode", () => String, { nullable: true }) recoveryCode: string | null,
    @Arg("passkey", () => GraphQLJSONObject, {
      nullable: true,
      description: "The response to passkeyOptions of the challenge, as its toJSON() writes it.",
    })
    passkey: object | null,
    @Arg("trustBrowser", () => Boolean, {
      defaultValue: false,
      description:
        "Lets this browser leave the second step out for 30 days. Does nothing for administrators, and for a login without a cookie.",
    })
    trustsBrowser: boolean,
    @Ctx() context: Context,
  ) {
    const proofs = { code: code ?? null, recoveryCode: recoveryCode ?? null, passkey: passkey ?? null };
    return toLoginPayload(
      await countLogin(context, "second_step", () =>
        completeLogin(context, { pendingToken, trustsBrowser, ...proofs }),
      ),
    );
  }
}
