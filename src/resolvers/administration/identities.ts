// The logins with providers that other users have. No field here has a scope: access tokens cannot do this.
import { Arg, Authorized, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { unlinkIdentityOf } from "../../auth/administration/identity-removal.ts";
import type { Context } from "../../auth/context.ts";
import { listIdentities } from "../../auth/providers/identities.ts";
import { requireShownUser } from "../../auth/users/shown-user.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { Identity } from "../../entities/identity.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";
import { AdministrationPayload, answer } from "./payloads.ts";

@ObjectType({ description: "The payload of unlinkIdentityOf." })
class UnlinkIdentityOfPayload extends AdministrationPayload {
  @Field(() => ID, { description: "The identity that is gone." })
  identityId!: string;

  @Field(() => Boolean, {
    description: "Whether the user can still log in. If not, sendPasswordReset lets them choose a password.",
  })
  hasWayIn!: boolean;
}

@Resolver()
export class UserIdentitiesResolver {
  @Authorized("users:read")
  @Query(() => [Identity], {
    nullable: true,
    description: "The logins with providers that open the account of a user, newest first.",
  })
  async identitiesOf(@Arg("userId", () => ID) userId: string, @Ctx() { database }: Context) {
    const { id } = await requireShownUser(database, userId);
    return listIdentities(database, id);
  }

  @Authorized("users:unlink-identities")
  @Mutation(() => UnlinkIdentityOfPayload, {
    nullable: true,
    description:
      "Removes a login with a provider from the account of a user, such as a stolen one, and ends all of the user's sessions. Access tokens stay valid. Requires a login in the last ten minutes.",
  })
  async unlinkIdentityOf(
    @Arg("userId", () => ID) userId: string,
    @Arg("id", () => ID, { description: "Of the identity." }) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const removed = unwrap(await unlinkIdentityOf(context, { viewer, userId, id }));
    const message = "The login is removed, and the user is logged out everywhere.";
    return { ...(await answer(context, userId, message)), ...removed };
  }
}
