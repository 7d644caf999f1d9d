// Users, for viewers who may read them.

import {
  Arg,
  Args,
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
import { ReadsNodes, Scope } from "../../auth/access/decorators.ts";
import type { Context } from "../../auth/context.ts";
import { countLater, type UserCount } from "../../auth/users/count.ts";
import { findUserPage } from "../../auth/users/page.ts";
import { findShownUsers, requireShownUser, selectUserIds } from "../../auth/users/shown-user.ts";
import { User } from "../../entities/user.ts";
import { connectionOf, PageArguments, PageInfo } from "../page-info.ts";

@InputType({ description: "All given conditions must match." })
class UserFilter {
  @Field(() => String, { nullable: true, description: "Has this role." })
  role!: string | null;

  @Field(() => Boolean, { nullable: true })
  isActive!: boolean | null;

  @Field(() => Boolean, { nullable: true })
  emailVerified!: boolean | null;
}

@ObjectType({ description: "A user in a page." })
class UserEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => User)
  node!: User;
}

@ObjectType({ description: "A page of users." })
class UserConnection {
  @Field(() => [UserEdge])
  edges!: UserEdge[];

  @Field(() => [User])
  nodes!: User[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;

  /** Counted only when one of its two fields is requested, and once for both. */
  count!: () => Promise<UserCount>;
}

@Resolver(() => UserConnection)
export class UsersResolver {
  @Authorized("users:read")
  @Scope("users:read")
  @ReadsNodes({
    type: "User",
    select: (_viewer, ids) => selectUserIds(ids),
    read: async ({ database }, _viewer, ids) => [...(await findShownUsers(database, ids)).values()],
  })
  @Query(() => User, { nullable: true, description: "The user with this id." })
  user(@Arg("id", () => ID) id: string, @Ctx() { database }: Context) {
    return requireShownUser(database, id);
  }

  @Authorized("users:read")
  @Scope("users:read")
  @Query(() => UserConnection, {
    nullable: true,
    description:
      "Newest first, or in alphabetical order with a search. A page of a search can have fewer items than requested: hasNextPage shows whether there are more.",
  })
  async users(
    @Args(() => PageArguments) page: PageArguments,
    @Arg("search", () => String, {
      nullable: true,
      description: "Matches the beginning of the username or the email.",
    })
    search: string | null = null,
    @Arg("filter", () => UserFilter, { nullable: true }) filter: Partial<UserFilter> | null = null,
    @Ctx() { services: { readList } }: Context,
  ) {
    const { role = null, isActive = null, emailVerified = null } = filter ?? {};
    const query = { search, role, isActive, emailVerified };
    const found = await readList((database) => findUserPage(database, query, page));
    return { ...connectionOf(found, ({ cursor }) => cursor), count: countLater(readList, query) };
  }

  @FieldResolver(() => Int, {
    description: "The count of all pages. Exact up to 10,000, above that an estimate.",
  })
  async totalCount(@Root() { count }: UserConnection) {
    return (await count()).totalCount;
  }

  @FieldResolver(() => Boolean)
  async totalCountIsEstimate(@Root() { count }: UserConnection) {
    return (await count()).isEstimate;
  }
}
