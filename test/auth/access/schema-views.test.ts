import { executeSync, getIntrospectionQuery, parse, printType, validateSchema } from "graphql";
import {
  Arg,
  Authorized,
  createUnionType,
  Field,
  FieldResolver,
  ID,
  InputType,
  InterfaceType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from "type-graphql";
import { describe, expect, test } from "vitest";
import { Public, ReadsNodes, Scope } from "../../../src/auth/access/decorators.ts";
import { createSchemaViews } from "../../../src/auth/access/introspection/schema-views.ts";
import type { Class } from "../../../src/auth/access/rules.ts";
import { objectFields } from "../../../src/auth/access/schema-fields.ts";
import type { Viewer } from "../../../src/auth/viewer/viewer.ts";
import { Node } from "../../../src/entities/node.ts";
import { resolvers } from "../../../src/resolvers/index.ts";
import { buildSchemaOf } from "../../../src/schema/build.ts";

enum Metal {
  GOLD = "GOLD",
}
registerEnumType(Metal, { name: "Metal" });

@InputType()
class LedgerFilter {
  @Field(() => Metal)
  metal!: Metal;
}

@InterfaceType()
abstract class Place {
  @Field(() => ID)
  id!: string;
  @Field(() => String, { nullable: true })
  code?: string;
}

@InterfaceType()
abstract class Numbered {
  @Field(() => ID)
  number!: string;
}

@Authorized("ADMIN")
@ObjectType()
class Vault {
  @Field(() => String, { nullable: true })
  weight?: string;
  @Field(() => Vault, { nullable: true })
  behind?: Vault;
}

@ObjectType({ implements: Numbered })
class Ledger extends Numbered {
  @Field(() => Metal)
  metal!: Metal;
}

@ObjectType({ implements: [Place, Numbered] })
class House implements Place, Numbered {
  id!: string;
  number!: string;
  @Authorized("OWNER")
  @Field(() => String, { nullable: true })
  code?: string;
  @Field(() => Vault)
  vault!: Vault;
  @Authorized("ledger:read")
  @Field(() => [Ledger])
  ledgers(@Arg("filter", () => LedgerFilter) _filter: LedgerFilter): Ledger[] {
    return [];
  }
}

@ObjectType({ implements: Place })
class Garden extends Place {
  @Field(() => [House])
  houses!: House[];
}

const Find = createUnionType({ name: "Find", types: () => [House, Vault] as const });

@Resolver(() => House)
class Houses {
  @Public()
  @Scope("houses:read")
  @Query(() => House)
  house(): House {
    return new House();
  }
  @Public()
  @Query(() => [Find])
  finds(): (typeof Find)[] {
    return [];
  }
  @Query(() => Place)
  place(): Place {
    return new Garden();
  }
  @Authorized("ADMIN")
  @Mutation(() => Vault)
  open(@Arg("metal", () => Metal) _metal: Metal): Vault {
    return new Vault();
  }
  @Authorized("OWNER")
  @FieldResolver(() => String)
  deed(): string {
    return "deed";
  }
}

const build = (...own: [Class, ...Class[]]) => {
  const { schema, rules } = buildSchemaOf(own);
  return { schema, viewFor: createSchemaViews(schema, rules) };
};
const { schema, viewFor } = build(Houses);
const viewerOf = (roles: readonly string[], scopes: readonly string[] | null = null) =>
  ({ roles, permissions: [], accessToken: scopes && { id: "1", scopes } }) as unknown as Viewer;

/** By type the fields of objects and interfaces, the members of unions, and nothing of all the others. */
const shapeOf = (viewer: Viewer | null): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.values(viewFor(viewer).getTypeMap())
      .filter(({ name }) => !/^(?:__.*|String|Boolean|ID)$/.test(name))
      .map((type) => [
        type.name,
        printType(type)
          .replaceAll(/"""[^"]*"""/g, "")
          .trim()
          .replaceAll(/\s+/g, " "),
      ]),
  );

describe("a view", () => {
  test("leaves out nested fields and types by their rules, and what only these reach", () => {
    expect(shapeOf(null)).toEqual({
      Query: "type Query { house: House! finds: [Find!]! }",
      House: "type House implements Place & Numbered { id: ID! number: ID! }",
      Place: "interface Place { id: ID! }",
      Numbered: "interface Numbered { number: ID! }",
      Find: "union Find = House",
    });
  });

  test("has no objects that only share an interface with those that are reached", () => {
    expect(shapeOf(null)).not.toHaveProperty("Garden");
    expect(shapeOf(viewerOf([]))).toMatchObject({
      Query: "type Query { house: House! finds: [Find!]! place: Place! }",
      Garden: "type Garden implements Place { id: ID! code: String houses: [House!]! }",
    });
  });

  test("has no object that node would not read for the caller", () => {
    @ObjectType({ implements: Node })
    class Leaf extends Node {}
    @ObjectType({ implements: Node })
    class Root extends Node {}
    @Resolver()
    class Trees {
      @ReadsNodes({ type: "Leaf", knows: () => false, read: () => [] })
      @Query(() => Leaf)
      leaf() {
        return new Leaf();
      }
      @Authorized("ADMIN")
      @ReadsNodes({ type: "Root", knows: () => false, read: () => [] })
      @Query(() => Root)
      root() {
        return new Root();
      }
    }
    const { viewFor: viewOfTrees } = build(Trees, ...resolvers);
    const typesFor = (roles: readonly string[]) => Object.keys(viewOfTrees(viewerOf(roles)).getTypeMap());
    expect(typesFor([])).toEqual(expect.arrayContaining(["Node", "Leaf"]));
    expect(typesFor([])).not.toContain("Root");
    expect(typesFor(["ADMIN"])).toEqual(expect.arrayContaining(["Node", "Leaf", "Root"]));
  });

  test("has no field on an interface that an object behind it hides", () => {
    expect(shapeOf(viewerOf([]))).toMatchObject({ Place: "interface Place { id: ID! }" });
    expect(shapeOf(viewerOf(["OWNER"]))).toMatchObject({ Place: "interface Place { id: ID! code: String }" });
  });

  test("has with a role what the role passes, inputs and enums of its arguments included", () => {
    const ofOwner = shapeOf(viewerOf(["OWNER"]));
    expect(ofOwner.House).toBe(
      "type House implements Place & Numbered { id: ID! code: String number: ID! deed: String! }",
    );
    expect(Object.keys(ofOwner)).not.toContain("Metal");
    const ofAdministrator = shapeOf(viewerOf(["ADMIN"]));
    expect(ofAdministrator).toMatchObject({
      Mutation: "type Mutation { open(metal: Metal!): Vault! }",
      Find: "union Find = House | Vault",
      LedgerFilter: "input LedgerFilter { metal: Metal! }",
      House:
        "type House implements Place & Numbered { id: ID! number: ID! vault: Vault! ledgers(filter: LedgerFilter!): [Ledger!]! }",
    });
  });

  test("is the schema itself for whoever may use all of it", () => {
    expect(viewFor(viewerOf(["ADMIN", "OWNER"]))).toBe(schema);
  });

  test("is for an access token, below an open field, of whoever it is there", () => {
    const housesOf = (scopes: readonly string[]) => shapeOf(viewerOf(["OWNER"], scopes)).House;
    expect(housesOf(["houses:read"])).toContain("code");
    expect(housesOf(["gardens:read"])).not.toContain("code");
    expect(shapeOf(viewerOf(["ADMIN"], ["houses:read"]))).not.toHaveProperty("Mutation");
  });

  test("is shared by those who pass the same rules, and by no others", () => {
    expect(viewFor(viewerOf(["A"]))).toBe(viewFor(viewerOf(["B"])));
    const views = [null, viewerOf([]), viewerOf(["OWNER"]), viewerOf(["ADMIN"]), viewerOf([], [])].map(
      viewFor,
    );
    expect(new Set(views).size).toBe(5);
  });

  test("is a valid schema, whose fields resolve nothing", () => {
    for (const viewer of [null, viewerOf([]), viewerOf(["OWNER"]), viewerOf(["ADMIN"])]) {
      expect(validateSchema(viewFor(viewer))).toEqual([]);
      for (const { field, coordinate } of objectFields(viewFor(viewer)))
        expect([coordinate, field.resolve, field.subscribe]).toEqual([coordinate, undefined, undefined]);
      const { data, errors } = executeSync({ schema: viewFor(viewer), document: parse("{ house { id } }") });
      expect([data, errors?.length]).toEqual([null, 1]);
    }
  });

  test("can be introspected when there is nothing in it", () => {
    @Resolver()
    class Closed {
      @Query(() => String, { nullable: true })
      secret() {
        return "secret";
      }
    }
    const closed = build(Closed);
    const { data, errors } = executeSync({
      schema: closed.viewFor(null),
      document: parse(getIntrospectionQuery()),
    });
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).not.toContain("secret");
  });
});
