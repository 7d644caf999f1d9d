// Tokens for scripts. None of these fields has a scope: an access token makes and ends no others.

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
import { scopesOf } from "../auth/access/permissions.ts";
import { revokeAccessToken } from "../auth/access-tokens/ends.ts";
import { listAccessTokens } from "../auth/access-tokens/rows.ts";
import { daysAtMost, daysUnlessAsked } from "../auth/access-tokens/rules.ts";
import { originOf } from "../auth/audit/record.ts";
import type { Context } from "../auth/context.ts";
import { createAccessToken } from "../auth/flows/access-token-creation.ts";
import { requireRecentLogin } from "../auth/sessions/recent-login.ts";
import type { Viewer } from "../auth/viewer/viewer.ts";
import { AccessToken } from "../entities/access-token.ts";
import { badUserInput, notFound } from "../errors.ts";
import { CurrentViewer } from "./current-viewer.ts";

@InputType()
class CreateAccessTokenInput {
  @Field(() => String, { description: "1 to 100 visible characters, shown in lists and in mail." })
  name!: string;

  @Field(() => [String], { description: "At least one. The schema has them as @scope on its fields." })
  scopes!: string[];

  @Field(() => Int, {
    nullable: true,
    defaultValue: daysUnlessAsked,
    description: `1 to ${daysAtMost}.`,
  })
  expiresInDays!: number | null;
}

@ObjectType()
class CreateAccessTokenPayload {
  @Field(() => String, { description: "Shown once. Keep it as you would keep the password." })
  token!: string;

  @Field(() => AccessToken)
  accessToken!: Omit<AccessToken, "user" | "digest">;
}

@ObjectType()
class RevokeAccessTokenPayload {
  @Field(() => String)
  message!: string;
}

@Resolver()
export class AccessTokenResolver {
  @Query(() => [AccessToken], {
    nullable: true,
    description: "The viewer's own tokens for scripts, newest first.",
  })
  accessTokens(@CurrentViewer() viewer: Viewer, @Ctx() { database }: Context) {
    return listAccessTokens(database, viewer.userId);
  }

  @Mutation(() => CreateAccessTokenPayload, {
    nullable: true,
    description: "Asks for a login of the last ten minutes.",
  })
  async createAccessToken(
    @Arg("input", () => CreateAccessTokenInput) { name, scopes, expiresInDays }: CreateAccessTokenInput,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { database, client }: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ) {
    await requireRecentLogin(database, viewer);
    const wanted = { name, scopes, expiresInDays: expiresInDays ?? daysUnlessAsked };
    const origin = originOf({ client }, viewer);
    const knownScopes = scopesOf(schema);
    const created = await createAccessToken(database, viewer.userId, wanted, { knownScopes, origin });
    if (!created.ok) throw badUserInput(created.problems);
    return created.value;
  }

  @Mutation(() => RevokeAccessTokenPayload, { nullable: true })
  async revokeAccessToken(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { database, client, viewers }: Context,
  ): Promise<RevokeAccessTokenPayload> {
    const { userId } = viewer;
    const revoked = await revokeAccessToken(database, { id, userId }, originOf({ client }, viewer));
    if (revoked === null) throw notFound();
    viewers.forget(userId);
    return { message: "Access token revoked." };
  }
}
