// Accounts, for those who may see them.

import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { Scope } from "../auth/access/decorators.ts";
import type { Context } from "../auth/context.ts";
import { countLater, type UserCount } from "../auth/users/count.ts";
import { findUserPage } from "../auth/users/page.ts";
import { requireShownUser } from "../auth/users/shown-user.ts";
import { User } from "../entities/user.ts";
import { connectionOf, PageInfo } from "./page-info.ts";

@InputType({ description: "All that is given must hold." })
class UserFilter {
  @Field(() => String, { nullable: true, description: "Holds this role." })
  role!: string | null;

  @Field(() => Boolean, { nullable: true })
  isActive!: boolean | null;

  @Field(() => Boolean, { nullable: true })
  emailVerified!: boolean | null;
}

@ObjectType()
class UserEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => User)
  node!: User;
}

@ObjectType()
class UserConnection {
  @Field(() => [UserEdge])
  edges!: UserEdge[];

  @Field(() => [User])
  nodes!: User[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;

  /** Counted when one of the two fields for it is asked for, and once for both. */
  count!: () => Promise<UserCount>;
}

@Resolver(() => UserConnection)
export class UsersResolver {
  @Authorized("users:read")
  @Scope("users:read")
  @Query(() => User, { nullable: true })
  user(@Arg("id", () => ID) id: string, @Ctx() { database }: Context) {
    return requireShownUser(database, id);
  }

  @Authorized("users:read")
  @Scope("users:read")
  @Query(() => UserConnection, {
    nullable: true,
    description:
      "Newest first; a search in alphabetical order. A page of a search can have fewer than asked for: hasNextPage tells whether it was the last.",
  })
  async users(
    @Arg("first", () => Int, { nullable: true, defaultValue: 20, description: "1 to 100." })
    first: number | null,
    @Arg("after", () => String, { nullable: true, description: "The endCursor of the page before." })
    after: string | null = null,
    @Arg("search", () => String, { nullable: true, description: "How the username or the address begins." })
    search: string | null = null,
    @Arg("filter", () => UserFilter, { nullable: true }) filter: Partial<UserFilter> | null = null,
    @Ctx() { database }: Context,
  ) {
    const { role = null, isActive = null, emailVerified = null } = filter ?? {};
    const query = { search, role, isActive, emailVerified };
    const page = await findUserPage(database, query, { first, after });
    return { ...connectionOf(page, ({ cursor }) => cursor), count: countLater(database, query) };
  }

  @FieldResolver(() => Int, { description: "Of all pages. Exact up to 10,000, beyond that an estimate." })
  async totalCount(@Root() { count }: UserConnection) {
    return (await count()).totalCount;
  }

  @FieldResolver(() => Boolean)
  async totalCountIsEstimate(@Root() { count }: UserConnection) {
    return (await count()).isEstimate;
  }
}
