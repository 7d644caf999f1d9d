// The fields of a user that only the user, and viewers who may read users, are shown: the guard decides, before these run.
import type { GraphQLResolveInfo } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, FieldResolver, ID, Info, Resolver, Root } from "type-graphql";
import { permissionsOf } from "../auth/access/permissions.ts";
import type { Context } from "../auth/context.ts";
import type { ShownUser } from "../auth/users/shown-user.ts";
import { isAdministrator } from "../auth/viewer/permissions.ts";
import { OwnOnly } from "../entities/own.ts";
import { User } from "../entities/user.ts";
import { type PromiseOrValue, whenKnown } from "../promise-or-value.ts";

type ShownPermissions = Pick<ShownUser, "roles" | "permissions">;

/** A row of ours, or an entity that an application loaded with what others see. */
type Row = Partial<ShownUser> & { readonly id: string };

@Resolver(() => User)
export class UserResolver {
  @FieldResolver(() => String, { nullable: true })
  locale(@Root() user: Row, @Ctx() context: Context) {
    return read("locale", user, context);
  }

  @FieldResolver(() => String, { nullable: true })
  email(@Root() user: Row, @Ctx() context: Context) {
    return read("email", user, context);
  }

  @FieldResolver(() => Boolean, { nullable: true, description: "Whether the email is verified." })
  emailVerified(@Root() user: Row, @Ctx() context: Context) {
    return read("emailVerified", user, context);
  }

  @FieldResolver(() => [String], { nullable: true })
  roles(@Root() user: Row, @Ctx() context: Context) {
    return read("roles", user, context);
  }

  /** For an administrator: all existing permissions. */
  @FieldResolver(() => [String], {
    nullable: true,
    description: "What the user may do, so that a front end knows what to show.",
  })
  permissions(@Root() user: Row, @Ctx() context: Context, @Info() { schema }: GraphQLResolveInfo) {
    const { roles, permissions } = user;
    const row = roles && permissions ? { roles, permissions } : context.findShownUser(user.id);
    return whenKnown<ShownPermissions | null, readonly string[] | null>(row, (shown) =>
      shown !== null && isAdministrator(shown) ? permissionsOf(schema) : (shown?.permissions ?? null),
    );
  }

  @FieldResolver(() => Boolean, { nullable: true })
  isActive(@Root() user: Row, @Ctx() context: Context) {
    return read("isActive", user, context);
  }

  @FieldResolver(() => GraphQLDateTime, { nullable: true })
  createdAt(@Root() user: Row, @Ctx() context: Context) {
    return read("createdAt", user, context);
  }

  /** Not of the cached viewer: a login on another device changes it without a notice to this server. */
  @FieldResolver(() => GraphQLDateTime, { nullable: true })
  lastLoginAt(@Root() user: Row, @Ctx() context: Context) {
    return read("lastLoginAt", user, context);
  }

  @FieldResolver(() => Boolean, {
    nullable: true,
    description: "Whether a login asks for more than the password: an authenticator app or a passkey.",
  })
  hasSecondFactor(@Root() user: Row, @Ctx() context: Context) {
    return read("hasSecondFactor", user, context);
  }

  /** Not of the cached viewer: the first password is set without a notice to this server. */
  @OwnOnly()
  @FieldResolver(() => Boolean, {
    nullable: true,
    description:
      "Whether the user has a password. Without one, changePassword sets the first. Null for other viewers.",
  })
  hasPassword(@Root() user: Row, @Ctx() context: Context) {
    return read("hasPassword", user, context);
  }

  @FieldResolver(() => Boolean, { nullable: true })
  newDeviceMail(@Root() user: Row, @Ctx() context: Context) {
    return read("newDeviceMail", user, context);
  }

  @OwnOnly()
  @FieldResolver(() => ID, {
    nullable: true,
    description:
      "Only on the viewer: the user who impersonates them in this request, so that a front end can show it. Otherwise null.",
  })
  impersonatedBy(@Ctx() context: Context) {
    return whenKnown(context.findViewer(), (viewer) => viewer?.impersonatorId ?? null);
  }
}

/**
 * Only rows of ours have permissions. An entity is read again, even if somebody loaded its columns: the email of one that
 * registered with a taken email is null there, which would show that it is taken.
 */
const read = <Name extends keyof ShownUser>(
  name: Name,
  user: Row,
  context: Context,
): PromiseOrValue<ShownUser[Name] | null> => {
  const known: Partial<ShownUser> = user.permissions === undefined ? {} : user;
  const value = known[name];
  if (value !== undefined) return value;
  return whenKnown(context.findShownUser(user.id), (shown) => shown?.[name] ?? null);
};
