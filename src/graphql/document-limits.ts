// The limits of one document. Honest clients stay far below; the limits bound the work that a stranger can cause.
import { type DocumentLimitNumbers, defaultDocumentLimits } from "../config/document-limits.ts";

export interface Limit {
  readonly most: number;
  /** For the client. It quotes nothing of the document, which may hold a password. */
  readonly text: string;
}

const atMost = (most: number, what: string): Limit => ({
  most,
  text: `A document can have at most ${most.toLocaleString("en")} ${what}.`,
});

export type DocumentLimits = ReturnType<typeof createDocumentLimits>;

export const createDocumentLimits = (numbers: DocumentLimitNumbers) => ({
  /** Checked before the text is read. A thousand tokens of usual length are about half of it. */
  characters: atMost(numbers.characters, "characters"),
  /** Lexer, parser and validation take time in proportion to the tokens; some validation rules to their square. */
  tokens: atMost(numbers.tokens, "tokens"),
  /**
   * Nesting of braces and brackets in the text: parser and visitors recurse at each. Documents within the
   * other limits never have more.
   */
  nesting: atMost(
    Math.max(numbers.depth, numbers.introspectionDepth) + numbers.fragmentDepth,
    "levels of nested braces and brackets",
  ),
  /** Lists inside lists multiply the size of a response. Literals count with their field. */
  depth: atMost(numbers.depth, "levels of nested fields and literals"),
  /** Below `__schema` and `__type` of a query. Those types are few, and graphql-js bounds their lists. GraphiQL's query has 15. */
  introspectionDepth: atMost(numbers.introspectionDepth, "levels below __schema and __type"),
  /** For nesting that does not make the response larger: fragments inside fragments. */
  fragmentDepth: atMost(numbers.fragmentDepth, "levels of nested fragments"),
  /** An alias repeats the same work: another password guess, another page of a list. */
  aliases: atMost(numbers.aliases, "aliases"),
  /** Each one runs a resolver, and in a mutation each one writes. */
  rootSelections: atMost(numbers.rootSelections, "selections at the root of an operation"),
  directives: atMost(numbers.directives, "directives"),
  /**
   * Fragments inside fragments can double the size at each level: expanded, a document may be only as large
   * as one without fragments.
   */
  selections: atMost(numbers.selections, "selections, with fragments expanded"),
  /** The depth of one variable's value: the same as a literal in the document may have. */
  variableDepth: {
    most: numbers.variableDepth,
    text: `A variable can have at most ${numbers.variableDepth} levels of nested lists and objects.`,
  } satisfies Limit,
  /** All variables of a request together: as many values as a document has selections, or as its tokens could spell. */
  variableValues: {
    most: numbers.variableValues,
    text: `Variables can have at most ${numbers.variableValues.toLocaleString("en")} values, including fields and list items.`,
  } satisfies Limit,
});

export const usualDocumentLimits = createDocumentLimits(defaultDocumentLimits);
