// The access rules as directives, which exist only in the printed schema.
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
    description: "Allows anonymous requests. A root field without it is private.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: "authorized",
    description: "Requires one of these roles or permissions. Without names, any viewer is allowed.",
    locations: [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    args: { by: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) } },
  }),
  new GraphQLDirective({
    name: "scope",
    description:
      "The scope that an access token needs to use the field as its user. Without it, a private field refuses access tokens, and a public field treats them as anonymous.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: { name: { type: new GraphQLNonNull(GraphQLString) } },
  }),
  new GraphQLDirective({
    name: "own",
    description:
      "Null unless the object is the viewer's own, or the viewer has the permission. An access token needs the scope to read it.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: { or: { type: GraphQLString } },
  }),
  new GraphQLDirective({
    name: "allowUnverified",
    description:
      "Allows users whose email is not verified, when the server requires verified emails. A private field without it refuses them.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: "allowUnenrolled",
    description:
      "Allows users who must add a second factor and have none. A private field without it refuses them with SECOND_FACTOR_REQUIRED.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
  new GraphQLDirective({
    name: "impersonable",
    description:
      "Can be used while impersonating another user. Without it, a private field refuses impersonators, and a public field treats them as anonymous.",
    locations: [DirectiveLocation.FIELD_DEFINITION],
  }),
];
