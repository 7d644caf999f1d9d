// Who is calling.
import type { GraphQLResolveInfo } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, FieldResolver, Info, Query, Resolver, Root } from "type-graphql";
import { findLastLogin, findStanding } from "../auth/accounts.ts";
import type { Context } from "../auth/context.ts";
import { permissionsOf } from "../auth/known-permissions.ts";
import { findPermissions, isAdministrator } from "../auth/permissions.ts";
import { Public } from "../auth/public.ts";
import { Scope } from "../auth/scope.ts";
import { User } from "../entities/user.ts";

@Resolver(() => User)
export class ViewerResolver {
  @Public()
  @Scope("profile:read")
  @Query(() => User, { nullable: true, description: "Who is calling; null when anonymous." })
  async viewer(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    return viewer?.user ?? null;
  }

  /** Of an administrator: every one there is. */
  @FieldResolver(() => [String], {
    description: "What the account may do, for a front end to know what to show.",
  })
  async permissions(
    @Root() user: Pick<User, "id" | "roles"> & { readonly permissions?: readonly string[] },
    @Ctx() { database }: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ) {
    if (isAdministrator(user)) return permissionsOf(schema);
    return user.permissions ?? findPermissions(database, user.id);
  }

  @FieldResolver(() => Boolean)
  async isActive(@Root() user: Pick<User, "id"> & Partial<User>, @Ctx() { database }: Context) {
    return user.isActive ?? (await findStanding(database, user.id)).isActive;
  }

  /** Asked for when it is wanted: whoever follows a link in mail changes it, and the viewers in memory do not hear of it. */
  @FieldResolver(() => Boolean, { description: "Whether the address is proven to be the account's." })
  async emailVerified(
    @Root() user: Pick<User, "id"> & { readonly emailVerified?: boolean },
    @Ctx() { database }: Context,
  ) {
    return user.emailVerified ?? (await findStanding(database, user.id)).emailVerified;
  }

  /** Asked for when it is wanted: a login on another device changes it, and tells no server. */
  @FieldResolver(() => GraphQLDateTime, { nullable: true })
  lastLoginAt(@Root() user: Pick<User, "id" | "lastLoginAt">, @Ctx() { database }: Context) {
    return user.lastLoginAt === undefined ? findLastLogin(database, user.id) : user.lastLoginAt;
  }
}
