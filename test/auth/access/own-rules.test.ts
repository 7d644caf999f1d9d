import {
  Field,
  FieldResolver,
  getMetadataStorage,
  ID,
  Int,
  InterfaceType,
  type NonEmptyArray,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AsOwner, Public } from "../../../src/auth/access/decorators.ts";
import { printGuardedSchema } from "../../../src/auth/access/definition.ts";
import { describeAccess } from "../../../src/auth/access/lock.ts";
import type { Class } from "../../../src/auth/access/rules.ts";
import { OwnOnly, OwnOr, ShownToOthers } from "../../../src/entities/own.ts";
import { User } from "../../../src/entities/user.ts";
import { resolvers as ours } from "../../../src/resolvers/index.ts";
import { buildGuardedSchema, buildSchemaOf, withFederation } from "../../../src/schema/build.ts";
import { waysTo } from "./ways.ts";

// An application's type that leads to users, at several depths.
@ObjectType()
class Task {
  @Field(() => User, { nullable: true })
  assignee!: unknown;
  @Field(() => [User])
  watchers!: unknown[];
  @Field(() => Task, { nullable: true })
  parent!: Task | null;
}
@Resolver(() => Task)
class TaskResolver {
  @Query(() => [Task], { nullable: true })
  tasks() {
    return [];
  }
  @Public()
  @Query(() => [Task], { nullable: true })
  publicTasks() {
    return [];
  }
}
@Resolver(() => User)
class Karma {
  @FieldResolver(() => Int, { nullable: true })
  karma() {
    return 7;
  }
  @ShownToOthers()
  @FieldResolver(() => Int)
  stars() {
    return 5;
  }
}

const guarded = buildGuardedSchema({ resolvers: [TaskResolver, Karma], permissions: {} }, withFederation);
const lock = describeAccess(guarded.schema, guarded.rules);

// type-graphql keeps every decorated class for good; what one test decorates must not reach the next.
let metadata: ReturnType<ReturnType<typeof getMetadataStorage>["clone"]>;
const ofUser = () => getMetadataStorage().objectTypes.find(({ target }) => target === User);
const fieldsOfUser = [...(ofUser()?.fields ?? [])];
beforeEach(() => {
  metadata = getMetadataStorage().clone();
});
afterEach(() => {
  Object.assign(getMetadataStorage(), metadata.clone());
  Object.assign(ofUser() ?? {}, { fields: [...fieldsOfUser] });
});

describe("access.lock lists", () => {
  test("every way to a user, as one line for its root field or for the field that leads on", () => {
    const lines = lock.split("\n").filter((line) => line.startsWith("reach User "));
    expect(lines).toEqual([...new Set(lines)]);
    const named = new Set(lines.flatMap((line) => line.split(/ from | through | > /).slice(1)));
    for (const way of waysTo(guarded.schema, "User"))
      for (const { coordinate } of way) expect(named, coordinate).toContain(coordinate);
    for (const line of [
      "reach User from Query.publicTasks > Task.assignee",
      "reach User from Query.tasks > Task.assignee",
      "reach User from Query.node",
      "reach User through Task.parent",
      "reach User through Task.watchers",
      "as-owner LoginPayload.user",
    ])
      expect(lock.split("\n")).toContain(line);
  });

  test("who sees which field of a user, and one that an application added is the user's own until it says otherwise", () => {
    expect(lock.match(/^shown User\.\w+$/gm)).toEqual([
      "shown User.displayName",
      "shown User.id",
      "shown User.stars",
      "shown User.username",
    ]);
    for (const line of [
      "own User.karma or users:read",
      "own User.email or users:read",
      "own User.hasSecondFactor or users:read",
      "own User.newDeviceMail",
    ])
      expect(lock.split("\n")).toContain(line);
    expect(printGuardedSchema(guarded)).toContain('karma: Int @own(or: "users:read")');
  });
});

describe("the server refuses to start", () => {
  const refusal = (...classes: Class[]) => expect(() => buildSchemaOf(classes as NonEmptyArray<Class>));

  test("for a field of a user that cannot be null, though it is hidden from others", () => {
    @Resolver(() => User)
    class Luck {
      @FieldResolver(() => Int)
      luck() {
        return 7;
      }
    }
    refusal(...ours, Karma, Luck).toThrow("User.luck is null for all but its owner: make it nullable, or");
  });

  test("for a mark on a field of a type without @OwnOr()", () => {
    @ObjectType()
    class Open {
      @ShownToOthers()
      @Field(() => ID)
      id!: string;
    }
    @Resolver()
    class Opens {
      @Query(() => Open, { nullable: true })
      one() {
        return null;
      }
    }
    refusal(Opens).toThrow("Open.id has @ShownToOthers(), but Open has no @OwnOr()");
    @Resolver()
    class Roots {
      @OwnOnly()
      @Query(() => String, { nullable: true })
      mine() {
        return null;
      }
    }
    refusal(Roots).toThrow("Query.mine has @OwnOnly(), but Query has no @OwnOr()");
  });

  test("for @AsOwner() on a field that returns no owner", () => {
    @Resolver()
    class Lists {
      @AsOwner()
      @Query(() => [User], { nullable: true })
      people() {
        return [];
      }
    }
    refusal(...ours, Karma, Lists).toThrow(
      "Query.people has @AsOwner(), which is for a field that returns one object",
    );
  });

  test("for @OwnOr() on an interface, where it would guard nothing", () => {
    @OwnOr<{ id: string }>("things:read", { scope: "things:read", ownerOf: ({ id }) => id })
    @InterfaceType()
    abstract class Thing {
      @Field(() => ID)
      id!: string;
    }
    @ObjectType({ implements: Thing })
    class Chair implements Thing {
      id!: string;
    }
    @Resolver()
    class Chairs {
      @Query(() => Chair, { nullable: true })
      chair() {
        return null;
      }
    }
    refusal(Chairs).toThrow("@OwnOr() on Thing guards nothing: put it on");
  });

  test("for both marks on one field", () => {
    @OwnOr<{ id: string }>("things:read", { scope: "things:read", ownerOf: ({ id }) => id })
    @ObjectType()
    class Torn {
      @ShownToOthers()
      @OwnOnly()
      @Field(() => ID, { nullable: true })
      id!: string;
    }
    @Resolver()
    class Tears {
      @Query(() => Torn, { nullable: true })
      torn() {
        return null;
      }
    }
    refusal(Tears).toThrow("Torn.id has both @ShownToOthers() and @OwnOnly(). Decide on one.");
  });
});
