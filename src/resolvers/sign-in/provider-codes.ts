// A login with the code that an app got for a login with a provider.
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { Charged, Public } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { logInWithProviderCode } from "../../auth/flows/providers/app-login.ts";
import { LoginMode, LoginPayload, toLoginPayload, wantedBy } from "./login-payload.ts";

@Resolver()
export class ProviderCodeResolver {
  @Public()
  @Charged("provider.ip")
  @Mutation(() => LoginPayload, {
    nullable: true,
    description:
      "For apps: completes a login with a provider, or asks a user with a second factor for it. Each code can be sent once, within a minute.",
  })
  async loginWithProviderCode(
    @Arg("code", () => String, { description: "From the link that led back to the app." }) code: string,
    @Arg("verifier", () => String, {
      description:
        "43 to 128 letters, digits and `-._~`, made at random. The login began with its SHA-256 as the challenge.",
    })
    verifier: string,
    @Arg("mode", () => LoginMode, {
      defaultValue: LoginMode.TOKEN,
      description: "With a cookie, the login must be completed by the browser that was at the provider.",
    })
    mode: LoginMode,
    @Ctx() context: Context,
  ) {
    return toLoginPayload(await logInWithProviderCode(context, { code, verifier, ...wantedBy(mode) }));
  }
}
