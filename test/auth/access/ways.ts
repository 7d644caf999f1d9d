// Every way to a type, found by walking the schema: slower than what access.lock lists, and simpler.
import type { GraphQLSchema } from "graphql";
import { returns } from "../../../src/auth/access/own/ways.ts";
import { isRootType, objectFields, type SchemaField } from "../../../src/auth/access/schema-fields.ts";

export type Way = readonly SchemaField[];

/** Every way without a circle, from a root field to the type. */
export const waysTo = function* (schema: GraphQLSchema, name: string): Generator<Way> {
  const fields = [...objectFields(schema)];
  const walk = function* (way: Way): Generator<Way> {
    const last = way.at(-1);
    if (last === undefined) return;
    for (const type of returns(schema, last)) {
      if (type.name === name) yield way;
      else if (!way.some((step) => step.type === type))
        for (const field of fields.filter((it) => it.type === type)) yield* walk([...way, field]);
    }
  };
  for (const field of fields) if (isRootType(schema, field.type)) yield* walk([field]);
};
