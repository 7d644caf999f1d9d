// Every root field of a schema, with a document that requests only that field.
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";

export interface RootField {
  readonly coordinate: string;
  readonly document: string;
  readonly operation: "query" | "mutation";
  readonly field: GraphQLField<unknown, unknown>;
}

export const rootFieldsOf = (schema: GraphQLSchema): readonly RootField[] => [
  ...fieldsOf("query", schema.getQueryType()),
  ...fieldsOf("mutation", schema.getMutationType()),
];

/** A value that passes the type's validation; rules may still refuse it. */
export const sampleOf = (type: GraphQLInputType): string => {
  if (isNonNullType(type)) return sampleOf(type.ofType);
  if (isListType(type)) return `[${sampleOf(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "";
  if (isInputObjectType(type))
    return `{ ${Object.values(type.getFields())
      .map((field) => `${field.name}: ${sampleOf(field.type)}`)
      .join(" ")} }`;
  if (type.name === "JSONObject") return "{}";
  return type.name === "Int"
    ? "1"
    : type.name === "Boolean"
      ? "true"
      : '"01a20a74-3799-72b9-aebe-5351f4839174"';
};

/** With the required arguments, and the given ones. */
export const writeField = (
  operation: "query" | "mutation",
  { name, args, type }: GraphQLField<unknown, unknown>,
  given: Readonly<Record<string, string>> = {},
): string => {
  const values = args
    .filter((arg) => isNonNullType(arg.type) || arg.name in given)
    .map((arg) => `${arg.name}: ${given[arg.name] ?? sampleOf(arg.type)}`);
  const selection = isCompositeType(getNamedType(type)) ? " { __typename }" : "";
  return `${operation} { ${name}${values.length > 0 ? `(${values.join(", ")})` : ""}${selection} }`;
};

const fieldsOf = (
  operation: RootField["operation"],
  root: GraphQLObjectType | null | undefined,
): RootField[] =>
  Object.values(root?.getFields() ?? {}).map((field) => ({
    coordinate: `${root?.name}.${field.name}`,
    document: writeField(operation, field),
    operation,
    field,
  }));
