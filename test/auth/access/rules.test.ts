import {
  createSourceEventStream,
  type ExecutionResult,
  type GraphQLObjectType,
  graphql,
  parse,
} from "graphql";
import {
  Arg,
  Authorized,
  buildSchemaSync,
  Ctx,
  Field,
  FieldResolver,
  getMetadataStorage,
  ID,
  InputType,
  InterfaceType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Subscription,
} from "type-graphql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authChecker } from "../../../src/auth/access/auth-checker.ts";
import { Charged, Impersonable, Public, ReadsNodes, Scope } from "../../../src/auth/access/decorators.ts";
import { guard } from "../../../src/auth/access/guard.ts";
import { type Class, readAccessRules } from "../../../src/auth/access/rules.ts";
import type { Context } from "../../../src/auth/context.ts";
import type { Viewer } from "../../../src/auth/viewer/viewer.ts";
import { Node } from "../../../src/entities/node.ts";
import { resolvers } from "../../../src/resolvers/index.ts";
import { buildGuardedSchema, buildSchemaOf, type GuardedSchema } from "../../../src/schema/build.ts";

// type-graphql keeps every decorated class for good; what one test decorates must not reach the next.
let metadata: ReturnType<ReturnType<typeof getMetadataStorage>["clone"]>;
beforeEach(() => {
  metadata = getMetadataStorage().clone();
});
afterEach(() => {
  Object.assign(getMetadataStorage(), metadata.clone());
});

const build = (...resolvers: [Class, ...Class[]]): GuardedSchema => buildSchemaOf(resolvers);

const contextOf = (roles: readonly string[] | null) => ({
  findViewer: async () => viewerOf(roles),
  scopes: null,
});
const viewerOf = (roles: readonly string[] | null) =>
  roles === null ? null : ({ roles, permissions: [] as readonly string[] } as unknown as Viewer);

const events = async function* () {
  yield "event";
};

/** Twice: with a viewer that must be looked up, and with one that is known already. No rule may tell them apart. */
const run = async ({ schema }: GuardedSchema, source: string, roles: readonly string[] | null) => {
  const answers = [contextOf(roles), { findViewer: () => viewerOf(roles), scopes: null }].map(
    async (contextValue) => {
      const { data, errors } = await graphql({ schema, source, contextValue });
      return {
        data: JSON.parse(JSON.stringify(data ?? null)),
        codes: errors?.map(({ extensions }) => extensions.code) ?? [],
      };
    },
  );
  const [lookedUp, known] = await Promise.all(answers);
  expect(known).toEqual(lookedUp);
  return known ?? { data: null, codes: [] };
};

describe("a root field", () => {
  test("that says nothing is private: queries, mutations, and subscriptions before any event", async () => {
    let opened = 0;
    let executed = 0;
    @Resolver()
    class Silent {
      @Query(() => String, { nullable: true })
      secret() {
        executed += 1;
        return "secret";
      }
      @Mutation(() => String, { nullable: true })
      change() {
        executed += 1;
        return "changed";
      }
      @Subscription(() => String, {
        nullable: true,
        subscribe: () => {
          opened += 1;
          return events();
        },
      })
      events(): string {
        return "event";
      }
    }
    // type-graphql builds no subscription without a publisher, though this one brings its own stream.
    const pubSub = {
      publish: () => undefined,
      subscribe: () => ({ [Symbol.asyncIterator]: () => events() }),
    };
    const schema = buildSchemaSync({ resolvers: [Silent], authChecker, validate: false, pubSub });
    const rules = readAccessRules(schema, [Silent]);
    const guarded = { schema: guard(schema, rules, authChecker), rules };
    expect(await run(guarded, "{ secret }", null)).toEqual({
      data: { secret: null },
      codes: ["UNAUTHENTICATED"],
    });
    expect(await run(guarded, "mutation { change }", null)).toMatchObject({ codes: ["UNAUTHENTICATED"] });
    expect(executed).toBe(0);

    const subscribe = (roles: readonly string[] | null) =>
      createSourceEventStream(guarded.schema, parse("subscription { events }"), undefined, contextOf(roles));
    const refused = (await subscribe(null)) as ExecutionResult;
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(["UNAUTHENTICATED"]);
    expect(opened).toBe(0);
    expect(Symbol.asyncIterator in ((await subscribe([])) as object)).toBe(true);
    expect(await run(guarded, "{ secret }", [])).toEqual({ data: { secret: "secret" }, codes: [] });
  });

  test("with @Public() is open, under its name in the schema too", async () => {
    @Resolver()
    class Open {
      @Query(() => String, { name: "renamed" })
      @Public()
      original() {
        return "open";
      }
    }
    const guarded = build(Open);
    expect([...guarded.rules.open]).toEqual(["Query.renamed"]);
    expect(await run(guarded, "{ renamed }", null)).toEqual({ data: { renamed: "open" }, codes: [] });
  });

  test("with a role is for those who have it; a permission is for administrators", async () => {
    @Resolver()
    class Narrow {
      @Authorized("ADMIN", "AUDITOR")
      @Query(() => String, { nullable: true })
      books() {
        return "books";
      }
      @Authorized("users:read")
      @Query(() => String, { nullable: true })
      users() {
        return "users";
      }
    }
    const guarded = build(Narrow);
    const source = "{ books users }";
    expect((await run(guarded, source, null)).codes).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
    expect((await run(guarded, source, [])).codes).toEqual(["FORBIDDEN", "FORBIDDEN"]);
    expect((await run(guarded, source, ["AUDITOR"])).data).toEqual({ books: "books", users: null });
    expect((await run(guarded, source, ["ADMIN"])).data).toEqual({ books: "books", users: "users" });
  });

  test("takes the rule of its resolver class", async () => {
    @Authorized("ADMIN")
    @Resolver()
    class Whole {
      @Query(() => String, { nullable: true })
      anything() {
        return "anything";
      }
    }
    const guarded = build(Whole);
    expect((await run(guarded, "{ anything }", [])).codes).toEqual(["FORBIDDEN"]);
    expect((await run(guarded, "{ anything }", ["ADMIN"])).codes).toEqual([]);
  });
});

describe("a rule on a nested field or a type", () => {
  const buildNested = () => {
    @Authorized("ADMIN")
    @ObjectType()
    class Vault {
      @Field(() => String, { nullable: true })
      gold = "gold";
    }
    @ObjectType()
    class House {
      @Field(() => String)
      street = "street";
      @Authorized("OWNER")
      @Field(() => String, { nullable: true })
      code = "1234";
      @Field(() => Vault)
      vault = new Vault();
    }
    @Resolver(() => Vault)
    class VaultResolver {
      @FieldResolver(() => String, { nullable: true })
      weight() {
        return "heavy";
      }
    }
    @Resolver()
    class Street {
      @Public()
      @Query(() => House)
      house() {
        return new House();
      }
      @Public()
      @Query(() => [House])
      houses() {
        return [new House()];
      }
    }
    return build(Street, VaultResolver);
  };

  test("is enforced wherever it is reached from, an open field included", async () => {
    const guarded = buildNested();
    const source = "{ house { street code } houses { code } }";
    expect(await run(guarded, source, null)).toEqual({
      data: { house: { street: "street", code: null }, houses: [{ code: null }] },
      codes: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
    });
    expect((await run(guarded, source, ["OWNER"])).data).toMatchObject({ houses: [{ code: "1234" }] });
  });

  test("holds for every field of the type, those of field resolvers included", async () => {
    const guarded = buildNested();
    const source = "{ house { vault { gold weight } } }";
    expect((await run(guarded, source, ["OWNER"])).codes).toEqual(["FORBIDDEN", "FORBIDDEN"]);
    expect((await run(guarded, source, ["ADMIN"])).data).toEqual({
      house: { vault: { gold: "gold", weight: "heavy" } },
    });
  });
});

describe("our guard alone, whatever type-graphql checks", () => {
  const buildAlone = (...resolvers: [Class, ...Class[]]): GuardedSchema => {
    const schema = buildSchemaSync({ resolvers, authChecker: () => true, validate: false });
    const rules = readAccessRules(schema, resolvers);
    return { schema: guard(schema, rules, authChecker), rules };
  };

  test("enforces the rules of fields, resolvers, types and the types they extend", async () => {
    @ObjectType()
    class Ancestor {
      @Authorized("OWNER")
      @Field(() => String, { nullable: true })
      inherited = "inherited";
    }
    @Authorized("ADMIN")
    @ObjectType()
    class Thing extends Ancestor {
      @Authorized("OWNER")
      @Field(() => String, { nullable: true })
      own = "own";
    }
    @Resolver(() => Thing)
    class ThingResolver {
      @Authorized("OWNER")
      @FieldResolver(() => String, { nullable: true })
      computed() {
        return "computed";
      }
    }
    @Authorized("OWNER")
    @Resolver()
    class Ruled {
      @Query(() => String, { nullable: true })
      ruled() {
        return "ruled";
      }
    }
    @Resolver()
    class Open {
      @Public()
      @Query(() => Thing)
      thing() {
        return new Thing();
      }
    }
    const guarded = buildAlone(Ruled, Open, ThingResolver);
    const source = "{ ruled thing { inherited own computed } }";
    const nothing = { ruled: null, thing: { inherited: null, own: null, computed: null } };
    expect((await run(guarded, source, [])).data).toEqual(nothing);
    // The rule of the type and that of the field hold, both.
    expect((await run(guarded, source, ["ADMIN"])).data).toEqual(nothing);
    expect((await run(guarded, source, ["OWNER"])).data).toEqual({ ...nothing, ruled: "ruled" });
    expect((await run(guarded, source, ["ADMIN", "OWNER"])).codes).toEqual([]);
  });

  test("enforces the rule of a field that only reads a property", async () => {
    @ObjectType()
    class Drawer {
      @Authorized("OWNER")
      @Field(() => String, { nullable: true })
      letter = "letter";
    }
    @Resolver()
    class Drawers {
      @Public()
      @Query(() => Drawer)
      drawer() {
        return new Drawer();
      }
    }
    const schema = buildSchemaSync({ resolvers: [Drawers], authChecker: () => true, validate: false });
    const type = schema.getType("Drawer") as GraphQLObjectType;
    Object.assign(type.getFields().letter ?? {}, { resolve: undefined });
    const rules = readAccessRules(schema, [Drawers]);
    const guarded = { schema: guard(schema, rules, authChecker), rules };
    expect((await run(guarded, "{ drawer { letter } }", [])).codes).toEqual(["FORBIDDEN"]);
    expect((await run(guarded, "{ drawer { letter } }", ["OWNER"])).codes).toEqual([]);
  });

  test("judges arguments only for those who may use the field, however deep the text is", async () => {
    @InputType()
    class Line {
      @Field(() => String)
      text!: string;
    }
    @InputType()
    class Page {
      @Field(() => [Line])
      lines!: Line[];
    }
    @Resolver()
    class Pages {
      @Query(() => String, { nullable: true })
      write(@Arg("page", () => Page) page: Page) {
        return page.lines.map(({ text }) => text).join();
      }
    }
    const guarded = buildAlone(Pages);
    const source = '{ write(page: { lines: [{ text: "good" }, { text: "\\u0000" }] }) }';
    expect((await run(guarded, source, null)).codes).toEqual(["UNAUTHENTICATED"]);
    const { errors } = await graphql({ schema: guarded.schema, source, contextValue: contextOf([]) });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ field: "page.lines.1.text", rule: "well_formed" }],
    });
  });
});

describe("with an access token", () => {
  /** As `Context` is, in what the guard asks of it. */
  const contextWith = (scopes: readonly string[], roles: readonly string[] = []) => ({
    findViewer: () => ({ roles, accessToken: { id: "1", scopes } }) as unknown as Viewer,
    scopes,
    asAnonymous: () => ({ findViewer: () => null, scopes: null }),
  });
  const runWith = async (guarded: GuardedSchema, source: string, contextValue: object) => {
    const { data, errors } = await graphql({ schema: guarded.schema, source, contextValue });
    return { data: JSON.parse(JSON.stringify(data)), codes: errors?.map((it) => it.extensions.code) ?? [] };
  };

  const buildHouse = () => {
    @ObjectType()
    class House {
      @Field(() => String)
      street = "street";
      @Authorized("OWNER")
      @Field(() => String, { nullable: true })
      code = "1234";
      @Field(() => [House])
      neighbours(): House[] {
        return [new House()];
      }
    }
    @Resolver(() => House)
    class Houses {
      @Public()
      @Scope("houses:read")
      @Query(() => House)
      house() {
        return new House();
      }
      @Authorized("OWNER")
      @Scope("deeds:read")
      @Query(() => String, { nullable: true })
      deeds() {
        return "deeds";
      }
      @Query(() => House, { nullable: true })
      own() {
        return new House();
      }
      @FieldResolver(() => Boolean)
      async isSomebody(@Ctx() context: Pick<Context, "findViewer">) {
        return (await context.findViewer()) !== null;
      }
    }
    return build(Houses);
  };
  const nested = "{ house { isSomebody code neighbours { isSomebody code } } }";

  test("the role is asked all the same: a scope narrows, and never widens", async () => {
    const guarded = buildHouse();
    expect((await runWith(guarded, "{ deeds }", contextWith(["deeds:read"]))).codes).toEqual(["FORBIDDEN"]);
    expect((await runWith(guarded, "{ deeds }", contextWith(["deeds:read"], ["OWNER"]))).data).toEqual({
      deeds: "deeds",
    });
    expect((await runWith(guarded, "{ deeds }", contextWith(["houses:read"], ["OWNER"]))).codes).toEqual([
      "FORBIDDEN",
    ]);
    expect(
      (await runWith(guarded, "{ own { street } }", contextWith(["houses:read"], ["OWNER"]))).codes,
    ).toEqual(["FORBIDDEN"]);
  });

  test("whoever it is on an open field, it is below it too", async () => {
    const guarded = buildHouse();
    expect(await runWith(guarded, nested, contextWith(["deeds:read"], ["OWNER"]))).toEqual({
      data: {
        house: { isSomebody: false, code: null, neighbours: [{ isSomebody: false, code: null }] },
      },
      codes: ["UNAUTHENTICATED", "UNAUTHENTICATED"],
    });
    expect((await runWith(guarded, nested, contextWith(["houses:read"], ["OWNER"]))).data).toEqual({
      house: { isSomebody: true, code: "1234", neighbours: [{ isSomebody: true, code: "1234" }] },
    });
  });

  test.each(["Profile:read", "profile", "ADMIN", "profile:", ""])(
    "the start is refused for the misspelt scope %j",
    (name) => {
      @Resolver()
      class Misspelt {
        @Scope(name)
        @Query(() => String)
        field() {
          return "";
        }
      }
      expect(() => build(Misspelt)).toThrow(`Query.field has the scope ${JSON.stringify(name)}`);
    },
  );

  test("the start is refused for a scope on a nested field, where it would narrow nothing", () => {
    @ObjectType()
    class Leaf {
      @Scope("leaves:read")
      @Field(() => String)
      name() {
        return "";
      }
    }
    @Resolver()
    class Tree {
      @Query(() => Leaf)
      leaf() {
        return new Leaf();
      }
    }
    expect(() => build(Tree)).toThrow("Leaf.name has @Scope(), which is for root fields only");
  });
});

test("the start is refused for a charge on a nested field, which nobody would pay", () => {
  @ObjectType()
  class Leaf {
    @Charged("secret.ip")
    @Field(() => String)
    name() {
      return "";
    }
  }
  @Resolver()
  class Tree {
    @Query(() => Leaf)
    leaf() {
      return new Leaf();
    }
  }
  expect(() => build(Tree)).toThrow("Leaf.name has @Charged(), which is for root fields only");
});

describe("the start is refused", () => {
  const source = { type: "Leaf", knows: () => false, read: () => [] } as const;

  test("for a type that implements Node and that node could not read", () => {
    @ObjectType({ implements: Node })
    class Leaf extends Node {}
    @Resolver()
    class Tree {
      @Query(() => Leaf)
      leaf() {
        return new Leaf();
      }
    }
    expect(() => build(Tree, ...resolvers)).toThrow("Leaf implements Node, but no root field reads it");
  });

  test("for @ReadsNodes() with a type that does not implement Node, and on a nested field", () => {
    @ObjectType()
    class Leaf {
      @ReadsNodes(source)
      @Field(() => ID)
      id() {
        return "1";
      }
    }
    @Resolver()
    class Tree {
      @Query(() => Leaf)
      leaf() {
        return new Leaf();
      }
    }
    expect(() => build(Tree)).toThrow("Leaf.id has @ReadsNodes(), which is for a root field");

    @ObjectType()
    class Stem {
      @Field(() => ID)
      id!: string;
    }
    @Resolver()
    class Forest {
      @ReadsNodes({ ...source, type: "Stem" })
      @Query(() => Stem)
      stem() {
        return new Stem();
      }
    }
    expect(() => build(Forest)).toThrow("Query.stem has @ReadsNodes(), which is for a root field");
  });
});

describe("while acting as another user", () => {
  /** As `Context` is, in what the guard asks of it. */
  const contextOfActing = (roles: readonly string[] = []) => ({
    findViewer: () => ({ roles, permissions: [] as readonly string[] }) as unknown as Viewer,
    scopes: null,
    isImpersonation: true,
    asAnonymous: () => ({ findViewer: () => null, scopes: null, isImpersonation: false }),
  });
  const runActing = async (guarded: GuardedSchema, source: string, roles: readonly string[] = []) => {
    const contextValue = contextOfActing(roles);
    const { data, errors } = await graphql({ schema: guarded.schema, source, contextValue });
    return { data: JSON.parse(JSON.stringify(data)), codes: errors?.map((it) => it.extensions.code) ?? [] };
  };

  const buildDesk = () => {
    @ObjectType()
    class Desk {
      @Authorized("OWNER")
      @Field(() => String, { nullable: true })
      drawer = "letters";
    }
    @Resolver(() => Desk)
    class Desks {
      @Query(() => Desk, { nullable: true })
      silent() {
        return new Desk();
      }
      @Impersonable()
      @Query(() => Desk, { nullable: true })
      shown() {
        return new Desk();
      }
      @Authorized("OWNER")
      @Impersonable()
      @Mutation(() => String, { nullable: true })
      tidy() {
        return "tidied";
      }
      @Public()
      @Query(() => Desk)
      open() {
        return new Desk();
      }
      @Impersonable()
      @Public()
      @Query(() => Desk)
      openAndShown() {
        return new Desk();
      }
      @FieldResolver(() => Boolean)
      async isSomebody(@Ctx() context: Pick<Context, "findViewer">) {
        return (await context.findViewer()) !== null;
      }
    }
    return build(Desks);
  };

  test("a field that says nothing is refused, whatever the user may do", async () => {
    const guarded = buildDesk();
    expect((await runActing(guarded, "{ silent { isSomebody } }", ["OWNER"])).codes).toEqual(["FORBIDDEN"]);
    expect((await runActing(guarded, "{ shown { isSomebody } }")).data).toEqual({
      shown: { isSomebody: true },
    });
  });

  test("the user's own roles are asked, at the root and below it", async () => {
    const guarded = buildDesk();
    const nested = "{ shown { drawer } }";
    expect((await runActing(guarded, "mutation { tidy }")).codes).toEqual(["FORBIDDEN"]);
    expect((await runActing(guarded, "mutation { tidy }", ["OWNER"])).codes).toEqual([]);
    expect((await runActing(guarded, nested)).codes).toEqual(["FORBIDDEN"]);
    expect((await runActing(guarded, nested, ["OWNER"])).data).toEqual({ shown: { drawer: "letters" } });
  });

  test("an open field that says nothing sees nobody, and so does all below it", async () => {
    expect(
      await runActing(buildDesk(), "{ open { isSomebody drawer } openAndShown { isSomebody drawer } }", [
        "OWNER",
      ]),
    ).toEqual({
      data: {
        open: { isSomebody: false, drawer: null },
        openAndShown: { isSomebody: true, drawer: "letters" },
      },
      codes: ["UNAUTHENTICATED"],
    });
  });

  test("the start is refused for a nested field that says so, where it would change nothing", () => {
    @ObjectType()
    class Page {
      @Impersonable()
      @Field(() => String)
      text() {
        return "";
      }
    }
    @Resolver()
    class Book {
      @Query(() => Page)
      page() {
        return new Page();
      }
    }
    expect(() => build(Book)).toThrow("Page.text has @Impersonable(), which is for root fields only");
  });
});

test("rules of resolvers and types that are not served change nothing", () => {
  @Authorized("ADMIN")
  @Resolver()
  class Elsewhere {
    @Authorized("ADMIN")
    @Query(() => String)
    echo() {
      return this.compute();
    }
    @Authorized("ADMIN")
    compute() {
      return "";
    }
  }
  @Authorized("ADMIN")
  @ObjectType()
  class Unused {
    @Field(() => String)
    name = Elsewhere.name;
  }
  @Resolver()
  class Served {
    @Query(() => String)
    echo() {
      return Unused.name;
    }
  }
  expect(build(Served).rules.allowed).toEqual(new Map());
});

describe("the start is refused", () => {
  test("for a resolver that extends another class", () => {
    class Base {}
    @Resolver()
    class Child extends Base {
      @Query(() => String)
      inherited() {
        return "";
      }
    }
    expect(() => build(Child)).toThrow("Child extends another class");
  });

  test("for a rule on a simple field, which type-graphql would let pass", () => {
    @ObjectType()
    class Thing {
      @Authorized()
      @Field(() => String, { simple: true })
      name = "";
    }
    @Resolver()
    class Things {
      @Query(() => Thing)
      thing() {
        return new Thing();
      }
    }
    expect(() => build(Things)).toThrow("Thing.name has a rule and a simple resolver");
  });

  test("for a rule on a type with a simple field, and for a rule on a field of a simple type", () => {
    @Authorized()
    @ObjectType()
    class Ruled {
      @Field(() => String, { simple: true })
      name = "";
    }
    @ObjectType({ simpleResolvers: true })
    class Simple {
      @Authorized()
      @Field(() => String)
      name = "";
    }
    @Resolver()
    class RuledThings {
      @Query(() => Ruled)
      thing() {
        return new Ruled();
      }
    }
    @Resolver()
    class SimpleThings {
      @Query(() => Simple)
      thing() {
        return new Simple();
      }
    }
    expect(() => build(RuledThings)).toThrow("Ruled.name has a rule and a simple resolver");
    expect(() => build(SimpleThings)).toThrow("Simple.name has a rule and a simple resolver");
  });

  const buildHarmless = () => {
    @Resolver()
    class Harmless {
      @Query(() => String)
      echo(@Arg("text", () => String) text: string) {
        return text;
      }
    }
    return build(Harmless);
  };

  test("for a rule on an interface", () => {
    expect(buildHarmless).not.toThrow();
    @InterfaceType()
    abstract class Shape {
      @Authorized()
      @Field(() => String)
      area!: string;
    }
    expect(buildHarmless, Shape.name).toThrow("@Authorized() on Shape.area guards nothing");
  });

  test("for a rule on an input", () => {
    @Authorized()
    @InputType()
    class Form {
      @Field(() => String)
      text!: string;
    }
    expect(buildHarmless, Form.name).toThrow("@Authorized() on Form guards nothing");
  });

  test("for a rule on a method that is no field", () => {
    @Resolver()
    class Misplaced {
      @Query(() => String)
      field() {
        return this.compute();
      }
      @Authorized("ADMIN")
      compute() {
        return "";
      }
    }
    expect(() => build(Misplaced)).toThrow("@Authorized() on Misplaced.compute guards nothing");
  });

  test("for a field that is both open and ruled", () => {
    @Resolver()
    class Both {
      @Public()
      @Authorized()
      @Query(() => String)
      field() {
        return "";
      }
    }
    expect(() => build(Both)).toThrow("Query.field has both @Public() and @Authorized()");
  });

  test("for @Public() on a nested field, where it would open nothing", () => {
    @ObjectType()
    class Leaf {
      @Public()
      @Field(() => String)
      name() {
        return "";
      }
    }
    @Resolver()
    class Tree {
      @Query(() => Leaf)
      leaf() {
        return new Leaf();
      }
    }
    expect(() => build(Tree)).toThrow("Leaf.name has @Public(), which is for root fields only");
  });

  test.each(["Admin", "users:", ":read", "Users:read", "a:b:c", ""])(
    "for %j, which is neither a role nor a permission",
    (name) => {
      @Resolver()
      class Misspelt {
        @Authorized(name)
        @Query(() => String)
        field() {
          return "";
        }
      }
      expect(() => build(Misspelt)).toThrow(`Query.field asks for ${JSON.stringify(name)}`);
    },
  );

  test("without an authChecker", () => {
    const { schema, rules } = buildGuardedSchema();
    expect(() => guard(schema, rules, undefined as never)).toThrow("There is no authChecker");
  });
});
