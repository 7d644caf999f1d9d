// Lints schema.graphql with the rules that users of @graphql-eslint turn on: `npm run check`. Biome lints everything else.
import graphqlPlugin from "@graphql-eslint/eslint-plugin";

const { configs, parser } = graphqlPlugin;

/** Where this schema differs from a rule, and why. */
const exceptions = {
  // A cache needs the id of an object. These are not objects of their own: a payload has the ids of what it changed, and the
  // types of a page and its messages exist only inside a response.
  "@graphql-eslint/strict-id-in-types": [
    "error",
    {
      exceptions: {
        suffixes: ["Payload", "Connection", "Edge", "Challenge"],
        types: ["PageInfo", "Message", "LoginMethods", "SecondFactors", "Totp"],
      },
    },
  ],
  // It finds `username`, which is one word, and the `message` of `Message`: other names would break clients.
  "@graphql-eslint/no-typename-prefix": "off",
  // `nodes` beside `edges` saves a level, as in GitHub's API. `sessions` and `accessTokens` are short and bounded, so that they
  // need no pages.
  "@graphql-eslint/relay-edge-types": [
    "error",
    { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
  ],
};

export default [
  {
    files: ["schema.graphql"],
    languageOptions: { parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    plugins: { "@graphql-eslint": graphqlPlugin },
    rules: {
      ...configs["flat/schema-recommended"].rules,
      ...configs["flat/schema-relay"].rules,
      ...exceptions,
    },
  },
];
