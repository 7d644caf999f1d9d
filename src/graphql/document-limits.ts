// The limits of one document. Honest clients stay far below; the limits bound the work that a stranger can cause.

export interface Limit {
  readonly most: number;
  /** For the client. It quotes nothing of the document, which may hold a password. */
  readonly text: string;
}

const atMost = (most: number, what: string): Limit => ({
  most,
  text: `A document can have at most ${most.toLocaleString("en")} ${what}.`,
});

/** For nesting that does not make the response larger: fragments inside fragments. */
const fragmentDepth = 10;
/** GraphiQL's introspection query has 15. */
const introspectionDepth = 20;
const depth = 10;

export const documentLimits = {
  /** Checked before the text is read. A thousand tokens of usual length are about half of it. */
  characters: atMost(15_000, "characters"),
  /** Lexer, parser and validation take time in proportion to the tokens; some validation rules to their square. */
  tokens: atMost(1_000, "tokens"),
  /**
   * Nesting of braces and brackets in the text: parser and visitors recurse at each. Documents within the
   * other limits never have more.
   */
  nesting: atMost(introspectionDepth + fragmentDepth, "levels of nested braces and brackets"),
  /** Lists inside lists multiply the size of a response. Literals count with their field. */
  depth: atMost(depth, "levels of nested fields and literals"),
  /** Below `__schema` and `__type` of a query. Those types are few, and graphql-js bounds their lists. */
  introspectionDepth: atMost(introspectionDepth, "levels below __schema and __type"),
  fragmentDepth: atMost(fragmentDepth, "levels of nested fragments"),
  /** An alias repeats the same work: another password guess, another page of a list. */
  aliases: atMost(15, "aliases"),
  /** Each one runs a resolver, and in a mutation each one writes. */
  rootSelections: atMost(10, "selections at the root of an operation"),
  directives: atMost(10, "directives"),
  /**
   * Fragments inside fragments can double the size at each level: expanded, a document may be only as large
   * as one without fragments.
   */
  selections: atMost(1_000, "selections, with fragments expanded"),
} as const satisfies Record<string, Limit>;

/** The depth of one variable's value: the same as a literal in the document may have. */
export const variableDepth: Limit = {
  most: depth,
  text: `A variable can have at most ${depth} levels of nested lists and objects.`,
};

/** All variables of a request together: as many values as a document has selections, or as its tokens could spell. */
export const variableValues: Limit = {
  most: 1_000,
  text: "Variables can have at most 1,000 values, including fields and list items.",
};
