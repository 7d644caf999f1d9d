// The viewer's own username.

import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import { Charged } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { changeUsername } from "../../auth/flows/username-change.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { User } from "../../entities/user.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@ObjectType({ description: "The payload of changeUsername." })
class ChangeUsernamePayload {
  @Field(() => User)
  user!: User;
}

@Resolver()
export class UsernameResolver {
  @Charged("register.ip")
  @Mutation(() => ChangeUsernamePayload, {
    nullable: true,
    description: "Requires a login in the last ten minutes. The old username stays reserved for 90 days.",
  })
  async changeUsername(
    @Arg("username", () => String) username: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    return { user: unwrap(await changeUsername(context, { viewer, username })) };
  }
}
