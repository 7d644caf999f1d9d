// The schema as text, with the access rules written on it.
import {
  type ConstDirectiveNode,
  DirectiveLocation,
  GraphQLDirective,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
  Kind,
  parse,
  print,
  printSchema,
  specifiedDirectives,
  visit,
} from "graphql";
import type { AccessRules } from "./rules.ts";

export const accessDirectives = [
  ...specifiedDirectives,
  new GraphQLDirective({
    name: "public",
    description: "Open to everybody. A root field without it is private.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: "authorized",
    description: "For viewers with one of these roles or permissions; for any viewer when none is named.",
    locations: [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    args: { by: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) } },
  }),
  new GraphQLDirective({
    name: "scope",
    description:
      "What an access token needs to reach the field as its user. A private field without it is out of reach for access tokens; on an open one they are anonymous.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: { name: { type: new GraphQLNonNull(GraphQLString) } },
  }),
  new GraphQLDirective({
    name: "allowUnverified",
    description:
      "Also for accounts whose address is not proven, where the server requires that. A private field without it is closed to them.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: "impersonable",
    description:
      "Can be used while acting as another user. A private field without it cannot; on an open one they are anonymous.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
];

export const printGuardedSchema = ({
  schema,
  rules,
}: {
  readonly schema: GraphQLSchema;
  readonly rules: AccessRules;
}): string => {
  const directivesOf = (coordinate: string): ConstDirectiveNode[] => {
    const allowed = rules.allowed.get(coordinate);
    const scope = rules.scopes.get(coordinate);
    const texts = [
      ...(rules.open.has(coordinate) ? ["@public"] : []),
      ...(allowed === undefined ? [] : [writeAuthorized(allowed)]),
      ...(scope === undefined ? [] : [`@scope(name: ${JSON.stringify(scope)})`]),
      ...(rules.unverified.has(coordinate) ? ["@allowUnverified"] : []),
      ...(rules.impersonable.has(coordinate) ? ["@impersonable"] : []),
    ];
    return texts.map(directive);
  };
  const marked = visit(parse(printSchema(schema)), {
    [Kind.OBJECT_TYPE_DEFINITION]: (type) => ({
      ...type,
      directives: directivesOf(type.name.value),
      fields: type.fields?.map((field) => ({
        ...field,
        directives: [...(field.directives ?? []), ...directivesOf(`${type.name.value}.${field.name.value}`)],
      })),
    }),
  });
  return `${print(marked)}\n`;
};

const writeAuthorized = (allowed: readonly string[]): string =>
  allowed.length > 0 ? `@authorized(by: ${JSON.stringify(allowed)})` : "@authorized";

const directive = (text: string): ConstDirectiveNode => {
  const [definition] = parse(`type T ${text} { f: Int }`, { noLocation: true }).definitions;
  const found = definition?.kind === Kind.OBJECT_TYPE_DEFINITION ? definition.directives?.[0] : undefined;
  if (!found) throw new Error(`This is no directive: ${text}`);
  return found;
};
