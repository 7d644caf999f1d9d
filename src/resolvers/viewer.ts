// Who is calling.

import type { GraphQLResolveInfo } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, FieldResolver, Info, Query, Resolver, Root } from "type-graphql";
import { Impersonable, Public, Scope } from "../auth/access/decorators.ts";
import { permissionsOf } from "../auth/access/permissions.ts";
import type { Context } from "../auth/context.ts";
import { findIsActive, findLastLogin } from "../auth/users/find.ts";
import { findPermissions, isAdministrator } from "../auth/viewer/permissions.ts";
import { User } from "../entities/user.ts";

@Resolver(() => User)
export class ViewerResolver {
  @Public()
  @Impersonable()
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
  isActive(@Root() user: Pick<User, "id"> & { readonly isActive?: boolean }, @Ctx() { database }: Context) {
    return user.isActive ?? findIsActive(database, user.id);
  }

  @FieldResolver(() => Boolean, { description: "Whether the address is proven to be the account's." })
  emailVerified(@Root() user: Partial<Pick<User, "emailVerifiedAt">> & { readonly emailVerified?: boolean }) {
    return user.emailVerified ?? (user.emailVerifiedAt ?? null) !== null;
  }

  /** Asked for when it is wanted: a login on another device changes it, and tells no server. */
  @FieldResolver(() => GraphQLDateTime, { nullable: true })
  lastLoginAt(@Root() user: Pick<User, "id" | "lastLoginAt">, @Ctx() { database }: Context) {
    return user.lastLoginAt === undefined ? findLastLogin(database, user.id) : user.lastLoginAt;
  }
}
