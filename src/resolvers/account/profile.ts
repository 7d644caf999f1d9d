// What the viewer tells of themselves: the display name and the locale.
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { AllowUnverified, Scope } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { updateProfile } from "../../auth/flows/profile-update.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { User } from "../../entities/user.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@ObjectType({ description: "The payload of updateProfile." })
class UpdateProfilePayload {
  @Field(() => User)
  user!: User;
}

@Resolver()
export class ProfileResolver {
  // Not for impersonators: others would read what they write as the user's own words.
  @AllowUnverified()
  @Scope("profile:write")
  @Mutation(() => UpdateProfilePayload, {
    nullable: true,
    description:
      "Changes the viewer's display name and locale. Omitted arguments stay unchanged, null removes.",
  })
  async updateProfile(
    @Arg("displayName", () => String, {
      nullable: true,
      description: "1 to 100 visible characters. Everybody who sees the user sees it.",
    })
    displayName: string | null | undefined,
    @Arg("locale", () => String, { nullable: true, description: "A BCP 47 tag, such as de or pt-BR." })
    locale: string | null | undefined,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    return { user: unwrap(await updateProfile(context, { viewer, displayName, locale })) };
  }
}
