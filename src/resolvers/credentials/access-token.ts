// Access tokens. No field here has a scope: an access token cannot create or revoke others.

import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { ReadsNodes } from "../../auth/access/decorators.ts";
import { scopesOf } from "../../auth/access/permissions.ts";
import { listAccessTokens, selectAccessTokenIds } from "../../auth/access-tokens/rows.ts";
import { defaultDays, maxDays } from "../../auth/access-tokens/rules.ts";
import type { Context } from "../../auth/context.ts";
import { createOwnAccessToken, revokeOwnAccessToken } from "../../auth/flows/access-tokens.ts";
import type { Viewer } from "../../auth/viewer/viewer.ts";
import { AccessToken } from "../../entities/access-token.ts";
import { ChangesAccessTokens } from "../changed.ts";
import { CurrentViewer } from "../current-viewer.ts";
import { unwrap } from "../unwrap.ts";

@InputType({ description: "The input of createAccessToken." })
class CreateAccessTokenInput {
  @Field(() => String, { description: "1 to 100 visible characters. Shown in lists and in mail." })
  name!: string;

  @Field(() => [String], {
    description: "At least one. The schema shows the scopes as @scope on its fields.",
  })
  scopes!: string[];

  @Field(() => Int, {
    nullable: true,
    defaultValue: defaultDays,
    description: `1 to ${maxDays}.`,
  })
  expiresInDays!: number | null;
}

@ObjectType({ description: "The payload of createAccessToken." })
class CreateAccessTokenPayload extends ChangesAccessTokens {
  @Field(() => String, { description: "Shown only once. Store it as safely as a password." })
  token!: string;

  @Field(() => AccessToken)
  accessToken!: Omit<AccessToken, "user" | "digest">;
}

@ObjectType({ description: "The payload of revokeAccessToken." })
class RevokeAccessTokenPayload extends ChangesAccessTokens {
  @Field(() => String)
  message!: string;

  @Field(() => ID, { description: "The access token that was revoked." })
  accessTokenId!: string;
}

@Resolver()
export class AccessTokenResolver {
  @ReadsNodes({
    type: "AccessToken",
    select: ({ userId }, ids) => selectAccessTokenIds(userId, ids),
    read: ({ database }, { userId }, ids) => listAccessTokens(database, userId, ids),
  })
  @Query(() => [AccessToken], {
    nullable: true,
    description: "The viewer's access tokens, newest first.",
  })
  accessTokens(@CurrentViewer() viewer: Viewer, @Ctx() { database }: Context) {
    return listAccessTokens(database, viewer.userId);
  }

  @Mutation(() => CreateAccessTokenPayload, {
    nullable: true,
    description: "Requires a login in the last ten minutes.",
  })
  async createAccessToken(
    @Arg("input", () => CreateAccessTokenInput) { name, scopes, expiresInDays }: CreateAccessTokenInput,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ) {
    const wanted = { name, scopes, expiresInDays: expiresInDays ?? defaultDays };
    return unwrap(await createOwnAccessToken(context, { viewer, knownScopes: scopesOf(schema), ...wanted }));
  }

  @Mutation(() => RevokeAccessTokenPayload, {
    nullable: true,
    description: "Ends one of the viewer's access tokens.",
  })
  async revokeAccessToken(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: Context,
  ) {
    const accessTokenId = await revokeOwnAccessToken(context, { viewer, id });
    return { message: "Access token revoked.", accessTokenId };
  }
}
