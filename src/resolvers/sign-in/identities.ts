// The logins with providers that open the viewer's account. No field here has a scope.
import { Arg, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { Charged, ReadsNodes } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { startLinking, unlinkIdentity } from "../../auth/flows/providers/linking.ts";
import { listIdentities, selectIdentityIds } from "../../auth/providers/identities.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { Identity } from "../../entities/identity.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@ObjectType({ description: "The payload of startLinking." })
class StartLinkingPayload {
  @Field(() => String, {
    description: "Open it in this browser within ten minutes. It leads to the provider and then to returnTo.",
  })
  url!: string;
}

@ObjectType({ description: "The payload of unlinkIdentity." })
class UnlinkIdentityPayload {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The identity that is gone." })
  identityId!: string;
}

@Resolver(() => Identity)
export class IdentityResolver {
  @ReadsNodes({
    type: "Identity",
    select: ({ userId }, ids) => selectIdentityIds(userId, ids),
    read: ({ database }, { userId }, ids) => listIdentities(database, userId, ids),
  })
  @Query(() => [Identity], {
    nullable: true,
    description: "The logins with providers that open the viewer's account, newest first.",
  })
  identities(@CurrentViewer() { userId }: Viewer, @Ctx() { database }: Context) {
    return listIdentities(database, userId);
  }

  @Charged("provider.ip")
  @Mutation(() => StartLinkingPayload, {
    nullable: true,
    description:
      "Begins to link a provider to the account, for a browser that is logged in with the cookie. Requires a recent login and a verified email.",
  })
  async startLinking(
    @Arg("provider", () => String, { description: "Its id, as loginMethods lists it." }) provider: string,
    @Arg("returnTo", () => String, {
      nullable: true,
      description: "Where the browser goes afterwards: a path, or a page of an allowed origin.",
    })
    returnTo: string | null,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<StartLinkingPayload> {
    return { url: unwrap(await startLinking(context, { viewer, provider, returnTo: returnTo ?? null })) };
  }

  @Mutation(() => UnlinkIdentityPayload, {
    nullable: true,
    description:
      "Removes a login with a provider from the account, and ends all other sessions. Requires a recent login. The last way into an account stays.",
  })
  async unlinkIdentity(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ): Promise<UnlinkIdentityPayload> {
    const identityId = unwrap(await unlinkIdentity(context, { viewer, id }));
    return { message: "The login is removed.", identityId };
  }
}
