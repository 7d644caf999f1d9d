import { executeSync, type GraphQLObjectType, graphql, isListType, isNonNullType, parse } from "graphql";
import type { KyselyPlugin } from "kysely";
import {
  Ctx,
  Field,
  FieldResolver,
  getMetadataStorage,
  Int,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noApplication } from "../../../src/application/application.ts";
import { Public, Scope } from "../../../src/auth/access/decorators.ts";
import { permissionsOf } from "../../../src/auth/access/permissions.ts";
import type { SchemaField } from "../../../src/auth/access/schema-fields.ts";
import { Context } from "../../../src/auth/context.ts";
import type { Services } from "../../../src/auth/services.ts";
import { requireShownUser, type ShownUser } from "../../../src/auth/users/shown-user.ts";
import { noClient } from "../../../src/auth/viewer/client.ts";
import type { Viewer } from "../../../src/auth/viewer/viewer.ts";
import { asNode } from "../../../src/entities/node.ts";
import { OwnOnly, OwnOr, ShownToOthers } from "../../../src/entities/own.ts";
import { User } from "../../../src/entities/user.ts";
import {
  buildGuardedSchema,
  buildSchemaOf,
  type GuardedSchema,
  withFederation,
} from "../../../src/schema/build.ts";
import { type App, startApp } from "../../harness/server.ts";
import { type Way, waysTo } from "./ways.ts";

// An application's type that leads to users, at several depths.
@ObjectType()
class Task {
  @Field(() => String)
  title!: string;
  @Field(() => User, { nullable: true })
  assignee!: unknown;
  @Field(() => [User])
  watchers!: unknown[];
  @Field(() => Task, { nullable: true })
  parent!: Task | null;
}

/** As an application loads them: with what others see, or with a column that it needs itself. */
const findTasks = async (context: Context, ...populate: "email"[]): Promise<Task[]> => {
  const users = await context.em.find(User, {}, { populate, orderBy: { username: "asc" } });
  return users.map((user) => ({ title: "a task", assignee: user, watchers: users, parent: null }));
};

@Resolver(() => Task)
class TaskResolver {
  @Scope("tasks:read")
  @Query(() => [Task], { nullable: true })
  tasks(@Ctx() context: Context) {
    return findTasks(context, "email");
  }
  @Public()
  @Scope("tasks:read")
  @Query(() => [Task], { nullable: true })
  publicTasks(@Ctx() context: Context) {
    return findTasks(context);
  }
}

const shownFields = ["displayName", "id", "username"];
const all =
  "id username displayName locale email emailVerified hasSecondFactor roles permissions isActive createdAt lastLoginAt";

let app: App;
let guarded: GuardedSchema;
let member: ShownUser;
let victim: ShownUser;
let administrator: ShownUser;
let count = 0;

// type-graphql keeps every decorated class for good; what one test decorates must not reach the next.
let metadata: ReturnType<ReturnType<typeof getMetadataStorage>["clone"]>;
const ofUser = () => getMetadataStorage().objectTypes.find(({ target }) => target === User);
let fieldsOfUser: unknown[] = [];
beforeEach(() => {
  metadata = getMetadataStorage().clone();
});
afterEach(() => {
  Object.assign(getMetadataStorage(), metadata.clone());
  Object.assign(ofUser() ?? {}, { fields: [...fieldsOfUser] });
});

beforeAll(async () => {
  app = await startApp({}, noApplication);
  guarded = buildGuardedSchema({ resolvers: [TaskResolver], permissions: {} }, withFederation);
  fieldsOfUser = [...(ofUser()?.fields ?? [])];
  const create = async (username: string, roles: readonly string[] = []) => {
    const { id } = await app.createUser({ username, email: `${username}@own.example`, roles });
    const profile = { display_name: `${username} shown`, locale: "de-AT" };
    await app.database.updateTable("users").set(profile).where("id", "=", id).execute();
    return requireShownUser(app.database, id);
  };
  administrator = await create("ada", ["ADMIN"]);
  member = await create("mary");
  victim = await create("victoria", ["ARCHIVIST"]);
});
afterAll(() => app.close());

const viewerOf = (user: ShownUser, scopes: readonly string[] | null = null): Viewer => {
  const { id: userId, roles, permissions } = user;
  const caller = { userId, hasProvenFactor: false, roles, permissions, user, impersonatorId: null };
  return scopes === null
    ? { ...caller, sessionId: "00000000-0000-0000-0000-000000000000", accessToken: null }
    : { ...caller, sessionId: null, accessToken: { id: "00000000-0000-0000-0000-000000000000", scopes } };
};

const contextOf = (viewer: Viewer | null): Context => {
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => {
      count += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const services = {
    database: app.database.withPlugin(counting),
    forkEntityManager: () => app.server.database.orm.em.fork(),
    sessionCookies: { readCookie: () => undefined },
  } as unknown as Services;
  return new Context({
    services,
    requestId: "",
    client: noClient,
    exchange: {} as Context["exchange"],
    token: viewer === null ? null : "a token",
    tokenViewer: viewer,
    onViewer: () => undefined,
    onLogin: () => undefined,
    extend: null,
  });
};

interface Shown {
  readonly username: string;
  readonly [field: string]: unknown;
}

/** The assignees by username. */
const assigneesFor = async (viewer: Viewer | null, root = "publicTasks", { schema } = guarded) => {
  const source = `{ ${root} { assignee { ${all} } } }`;
  const { data, errors } = await graphql({ schema, source, contextValue: contextOf(viewer) });
  expect(errors).toBeUndefined();
  const tasks = JSON.parse(JSON.stringify(data))[root] as { readonly assignee: Shown }[];
  return Object.fromEntries(tasks.map(({ assignee }) => [assignee.username, assignee]));
};

/** Null everywhere but in what is public of a person. */
const publicOf = ({ id, username, displayName }: ShownUser) =>
  Object.fromEntries(
    all
      .split(" ")
      .map((name) => [
        name,
        { id, username, displayName }[name as "id" | "username" | "displayName"] ?? null,
      ]),
  );
const wholeOf = (user: ShownUser) => ({
  ...JSON.parse(JSON.stringify(Object.fromEntries(all.split(" ").map((name) => [name, user[name as "id"]])))),
  ...(user === administrator && { permissions: [...permissionsOf(guarded.schema)] }),
});

describe("a user who is reached through an object of an application", () => {
  test("is id, username and displayName to a member and to anonymous callers, on every path and in lists", async () => {
    for (const viewer of [null, viewerOf(member)]) {
      const shown = await assigneesFor(viewer);
      expect(shown.ada).toEqual(publicOf(administrator));
      expect(shown.victoria).toEqual(publicOf(victim));
    }
    expect((await assigneesFor(viewerOf(member), "tasks")).victoria).toEqual(publicOf(victim));
    expect((await assigneesFor(null)).mary).toEqual(publicOf(member));
  });

  test("is whole to themselves, and to viewers with users:read", async () => {
    expect((await assigneesFor(viewerOf(member))).mary).toEqual(wholeOf(member));
    const shown = await assigneesFor(viewerOf(administrator));
    expect([shown.mary, shown.victoria, shown.ada]).toEqual([member, victim, administrator].map(wholeOf));
    const reader = viewerOf({ ...member, permissions: ["users:read"] });
    expect((await assigneesFor(reader)).victoria).toEqual(wholeOf(victim));
  });

  test("shows to an access token what its scopes allow, whatever its user may see", async () => {
    const scopes = (...names: string[]) => viewerOf(administrator, ["tasks:read", ...names]);
    const [none, profile, users] = [
      await assigneesFor(scopes()),
      await assigneesFor(scopes("profile:read")),
      await assigneesFor(scopes("users:read")),
    ];
    expect([none.ada, none.mary]).toEqual([publicOf(administrator), publicOf(member)]);
    expect([profile.ada, profile.mary]).toEqual([wholeOf(administrator), publicOf(member)]);
    expect([users.ada, users.mary]).toEqual([wholeOf(administrator), wholeOf(member)]);
    // Anonymous on a public field that it may not use as its user.
    expect((await assigneesFor(viewerOf(administrator, ["profile:read"]))).ada).toEqual(
      publicOf(administrator),
    );
  });

  test("is hidden from a user with users:read whose email must be verified first, who is whole to themselves", async () => {
    const options = { ...withFederation, requireVerifiedEmail: true };
    const strict = buildGuardedSchema({ resolvers: [TaskResolver], permissions: {} }, options);
    const unverified = { ...administrator, emailVerified: false };
    const shown = await assigneesFor(viewerOf(unverified), "publicTasks", strict);
    expect(shown.mary).toEqual(publicOf(member));
    expect(shown.ada).toEqual(wholeOf(administrator));
    expect((await assigneesFor(viewerOf(administrator), "publicTasks", strict)).mary).toEqual(
      wholeOf(member),
    );
  });

  test("costs no statement while it is refused, and one for all rows while it is shown", async () => {
    const statementsFor = async (viewer: Viewer | null) => {
      count = 0;
      await assigneesFor(viewer);
      return count;
    };
    expect(await statementsFor(null)).toBe(0);
    expect(await statementsFor(viewerOf(victim))).toBe(1);
    expect(await statementsFor(viewerOf(administrator))).toBe(1);
  });

  test("is loaded with only what others see", async () => {
    const loaded = await app.server.database.orm.em.fork().findOneOrFail(User, { id: victim.id });
    expect(Object.keys(JSON.parse(JSON.stringify(loaded))).sort()).toEqual(shownFields);
  });

  test("who registered with a taken email reads it as in viewer, so that it does not show that it is taken", async () => {
    const pending = { email: null, canonical_email: null, pending_email: "taken@own.example" };
    const { id } = await app.createUser({ username: "second" });
    await app.database.updateTable("users").set(pending).where("id", "=", id).execute();
    const viewer = viewerOf(await requireShownUser(app.database, id));
    expect((await assigneesFor(viewer, "tasks")).second).toMatchObject({ email: "taken@own.example" });
    await app.database.deleteFrom("users").where("id", "=", id).execute();
  });

  test("makes no promise when the viewer is known and the row is there", () => {
    const row = { title: "a task", assignee: victim, watchers: [victim, member], parent: null };
    const document = parse(`{ publicTasks { assignee { ${all} } watchers { ${all} } } }`);
    const schema = withRoot("publicTasks", () => [row]);
    for (const viewer of [null, viewerOf(member), viewerOf(administrator)]) {
      // executeSync throws when a field returns a promise.
      const { data, errors } = executeSync({ schema, document, contextValue: contextOf(viewer) });
      expect([errors, data?.publicTasks]).toEqual([undefined, expect.any(Array)]);
    }
  });
});

/** The guarded schema with another resolver of one root field, behind no guard: the last line of defence is the type's. */
const withRoot = (name: string, resolve: () => unknown) => {
  const { schema } = buildGuardedSchema({ resolvers: [TaskResolver], permissions: {} }, withFederation);
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    const field = root?.getFields()[name];
    if (field) field.resolve = resolve;
  }
  return schema;
};

describe("of all ways to a user that the schema has", () => {
  test("none shows a stranger or a member more than id, username and displayName, but a login and an impersonation", async () => {
    const ways = [...waysTo(guarded.schema, "User")];
    expect(ways.length).toBeGreaterThan(20);
    const whole = new Set<string>();
    for (const way of ways)
      for (const viewer of [null, viewerOf(member)]) {
        const shown = await follow(way, viewer);
        const isVictim = shown?.id === victim.id;
        // A payload that shows the viewer again, whatever the mutation returned.
        if (!isVictim) expect([null, member.id]).toContain(shown?.id ?? null);
        else if (shown?.email === null) expect(shown).toEqual(publicOf(victim));
        else whole.add(way.at(-1)?.coordinate ?? "");
      }
    expect([...whole].sort()).toEqual([...guarded.rules.asOwner].sort());
    expect([...whole].sort()).toEqual(["ImpersonatePayload.user", "LoginPayload.user"]);
  });
});

/** Runs a way whose root field returns the victim in a tree of objects, and returns the user that came out. */
const follow = async (way: Way, viewer: Viewer | null): Promise<Shown | null> => {
  const [root, ...steps] = way as [SchemaField, ...SchemaField[]];
  const row = asNode({ ...victim }, "User");
  const tree = way.reduceRight<unknown>((below, { field }, index) => {
    const value = isListType(isNonNullType(field.type) ? field.type.ofType : field.type) ? [below] : below;
    return index === 0 ? value : { [field.name]: value };
  }, row);
  const schema = withRoot(root.field.name, () => tree);
  const isAbstract = steps.length === 0 && !/^\[?User\b/.test(String(root.field.type));
  const inner = isAbstract ? `... on User { ${all} }` : all;
  const below = steps.reduceRight((text, { field }) => `${field.name} { ${text} }`, inner);
  const { data } = await graphql({
    // Arguments are no part of the way.
    schema: withoutArguments(schema, root),
    source: `${operationOf(root.type)} { ${root.field.name} { ${below} } }`,
    contextValue: contextOf(viewer),
  });
  let value: unknown = data?.[root.field.name];
  for (const { field } of steps) value = (Array.isArray(value) ? value[0] : value)?.[field.name];
  const shown = Array.isArray(value) ? value[0] : value;
  return shown ? JSON.parse(JSON.stringify(shown)) : null;
};

const operationOf = ({ name }: GraphQLObjectType) => name.toLowerCase();

const withoutArguments = (schema: GuardedSchema["schema"], { type, field }: SchemaField) => {
  const root = schema.getType(type.name) as GraphQLObjectType;
  const found = root.getFields()[field.name];
  if (found) Object.assign(found, { args: [] });
  return schema;
};

describe("a field that an application adds to User", () => {
  test("is the user's own until it says otherwise", async () => {
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
    const own = buildGuardedSchema({ resolvers: [TaskResolver, Karma], permissions: {} });
    const ask = async (viewer: Viewer | null) => {
      const source = "{ publicTasks { assignee { username karma stars } } }";
      const { data } = await graphql({ schema: own.schema, source, contextValue: contextOf(viewer) });
      return JSON.parse(JSON.stringify(data)).publicTasks.map(
        ({ assignee }: { assignee: { karma: number | null; stars: number } }) => [
          assignee.karma,
          assignee.stars,
        ],
      );
    };
    // Ada, Mary, Victoria.
    expect(await ask(null)).toEqual([null, null, null].map((karma) => [karma, 5]));
    expect(await ask(viewerOf(member))).toEqual([null, 7, null].map((karma) => [karma, 5]));
    expect(await ask(viewerOf(administrator))).toEqual([7, 7, 7].map((karma) => [karma, 5]));
  });
});

describe("an application's own type with @OwnOr()", () => {
  @OwnOr<Draft>("drafts:moderate", { scope: "drafts:read", ownerOf: ({ authorId }) => authorId })
  @ObjectType()
  class Draft {
    authorId!: string;
    @ShownToOthers()
    @Field(() => String)
    title!: string;
    @Field(() => String, { nullable: true })
    text!: string | null;
    @OwnOnly()
    @Field(() => String, { nullable: true })
    note!: string | null;
  }
  @ObjectType()
  class Letter extends Draft {
    @Field(() => String, { nullable: true })
    address!: string | null;
  }
  const draft = () => ({
    authorId: member.id,
    title: "a title",
    text: "a text",
    note: "a note",
    address: "home",
  });
  @Resolver()
  class Drafts {
    @Public()
    @Query(() => Draft)
    draft() {
      return draft();
    }
    @Public()
    @Query(() => Letter)
    letter() {
      return draft();
    }
  }

  test.each([
    ["draft", "title text note"],
    ["letter", "title text note address"],
  ])(
    "of a %s shows the author everything, a moderator what is not the author's alone, and others the title",
    async (root, fields) => {
      const { schema, rules } = buildSchemaOf([Drafts]);
      const ask = async (viewer: Viewer | null) => {
        const source = `{ ${root} { ${fields} } }`;
        const { data } = await graphql({ schema, source, contextValue: contextOf(viewer) });
        return JSON.parse(JSON.stringify(data))[root];
      };
      const whole = { title: "a title", text: "a text", note: "a note", address: "home" };
      const part = Object.fromEntries(fields.split(" ").map((name) => [name, whole[name as "title"]]));
      const hidden = Object.fromEntries(fields.split(" ").map((name) => [name, null]));
      expect(await ask(viewerOf(member))).toEqual(part);
      expect(await ask(viewerOf(administrator))).toEqual({ ...part, note: null });
      const moderator = viewerOf({ ...victim, permissions: ["drafts:moderate"] });
      expect(await ask(moderator)).toEqual({ ...part, note: null });
      for (const viewer of [null, viewerOf(victim)])
        expect(await ask(viewer)).toEqual({ ...hidden, title: "a title" });
      expect(permissionsOf(schema)).toContain("drafts:moderate");
      expect([...rules.shown].sort()).toEqual(["Draft.title", "Letter.title"]);
    },
  );
});
