// The viewer: who is calling.

import type { GraphQLResolveInfo } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, FieldResolver, Info, Query, Resolver, Root } from "type-graphql";
import { Impersonable, Public, ReadsNodes, Scope } from "../auth/access/decorators.ts";
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
  @ReadsNodes({
    type: "User",
    knows: (id, { userId }) => id === userId,
    read: (_context, { user }) => [user],
  })
  @Query(() => User, { nullable: true, description: "The current user. Null for anonymous requests." })
  async viewer(@Ctx() context: Context) {
    const viewer = await context.findViewer();
    return viewer?.user ?? null;
  }

  /** For an administrator: all existing permissions. */
  @FieldResolver(() => [String], {
    description: "What the user may do, so that a front end knows what to show.",
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

  @FieldResolver(() => Boolean, { description: "Whether the email is verified." })
  emailVerified(@Root() user: Partial<Pick<User, "emailVerifiedAt">> & { readonly emailVerified?: boolean }) {
    return user.emailVerified ?? (user.emailVerifiedAt ?? null) !== null;
  }

  /** Read on demand: a login on another device changes it without a notice to this server. */
  @FieldResolver(() => GraphQLDateTime, { nullable: true })
  lastLoginAt(@Root() user: Pick<User, "id" | "lastLoginAt">, @Ctx() { database }: Context) {
    return user.lastLoginAt === undefined ? findLastLogin(database, user.id) : user.lastLoginAt;
  }
}
