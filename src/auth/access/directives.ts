// The access rules as directives of the schema, which only its printed form has.
import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  specifiedDirectives,
} from "graphql";

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
