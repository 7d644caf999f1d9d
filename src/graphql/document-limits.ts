// How much one document may ask for. Honest clients stay far below; the figures bound what a stranger makes us do.

export interface Limit {
  readonly most: number;
  /** For the client. It says nothing of the document, which may hold a password. */
  readonly text: string;
}

const atMost = (most: number, what: string): Limit => ({
  most,
  text: `A document has at most ${most.toLocaleString("en")} ${what}.`,
});

/** Of what nests without growing the answer: fragments inside fragments. */
const fragmentDepth = 10;
/** GraphiQL's own query has 15. */
const introspectionDepth = 20;
const depth = 10;

export const documentLimits = {
  /** Known before anything is read. A thousand tokens of a usual length are about half of it. */
  characters: atMost(15_000, "characters"),
  /** What lexer, parser and validation take is in proportion to them; for some rules of validation, to their square. */
  tokens: atMost(1_000, "tokens"),
  /** Of braces and brackets in the text: parser and visitors call themselves at each. No document within the others has more. */
  nesting: atMost(introspectionDepth + fragmentDepth, "braces and brackets inside each other"),
  /** An answer can grow with each list inside a list. Literals count with the field that they are given to. */
  depth: atMost(depth, "levels of fields and literals inside each other"),
  /** Below `__schema` and `__type` of a query. The types there are few, and graphql-js bounds their lists. */
  introspectionDepth: atMost(introspectionDepth, "levels below __schema and __type"),
  fragmentDepth: atMost(fragmentDepth, "fragments inside each other"),
  /** An alias asks for the same work once more: a guess at a password, a page of a list. */
  aliases: atMost(15, "aliases"),
  /** Each runs its resolver, and as a mutation writes. */
  rootSelections: atMost(10, "selections at the root of an operation"),
  directives: atMost(10, "directives"),
  /** Fragments inside fragments double with each: written out, a document may be as large as one without any. */
  selections: atMost(1_000, "selections when its fragments are written out"),
} as const satisfies Record<string, Limit>;

/** Of one variable's value: the depth that a literal in the document could have. */
export const variableDepth: Limit = {
  most: depth,
  text: `A variable has at most ${depth} levels of lists and objects inside each other.`,
};

/** Of all variables of a request together: as many as a document has selections, or as its tokens could spell. */
export const variableValues: Limit = {
  most: 1_000,
  text: "Variables have at most 1,000 values, fields and items of lists counted.",
};
