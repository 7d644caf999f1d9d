import { graphql, isObjectType } from "graphql";
import { Authorized, Field, ObjectType, Query, Resolver, UseMiddleware } from "type-graphql";
import { expect, test } from "vitest";
import { Public } from "../../src/auth/access/decorators.ts";
import type { Viewer } from "../../src/auth/viewer/viewer.ts";
import { buildSchemaOf } from "../../src/schema/build.ts";

const shouted: string[] = [];

@ObjectType()
class Plant {
  @Field(() => String)
  name!: string;

  @Field(() => String, { name: "latinName" })
  botanicalName!: string;

  @Field(() => String)
  label(): string {
    return `${this.name} (${this.botanicalName})`;
  }

  @UseMiddleware(async (_data, next) => {
    const text = await next();
    shouted.push(text);
    return text.toUpperCase();
  })
  @Field(() => String)
  call!: string;

  @Authorized("GARDENER")
  @Field(() => String, { nullable: true })
  place!: string;
}

@Resolver()
class Garden {
  @Public()
  @Query(() => Plant)
  plant(): Partial<Plant> {
    return { name: "daisy", botanicalName: "Bellis", call: "hey", place: "behind the shed" };
  }
}

const { schema } = buildSchemaOf([Garden]);

const ask = async (fields: string, roles: readonly string[] = []) => {
  const contextValue = {
    findViewer: () => ({ roles, permissions: [] as readonly string[] }) as unknown as Viewer,
    scopes: null,
  };
  const { data, errors } = await graphql({ schema, source: `{ plant { ${fields} } }`, contextValue });
  return { plant: { ...(data?.plant as object) }, codes: errors?.map((error) => error.extensions.code) };
};

test("a field that only reads a property is left to graphql-js", () => {
  const type = schema.getType("Plant");
  expect(isObjectType(type) && type.getFields().name?.resolve).toBeUndefined();
});

test("a field of another name, of a method or with a middleware stays as it was written", async () => {
  expect((await ask("name latinName label call")).plant).toEqual({
    name: "daisy",
    latinName: "Bellis",
    label: "daisy (Bellis)",
    call: "HEY",
  });
  expect(shouted).toEqual(["hey"]);
});

test("a field with a rule keeps it", async () => {
  expect((await ask("place")).codes).toEqual(["FORBIDDEN"]);
  expect((await ask("place", ["GARDENER"])).plant).toEqual({ place: "behind the shed" });
});
