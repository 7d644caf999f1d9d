// Measures a document's text before the parser sees it: parser and visitors call themselves for each level of nesting.
import { GraphQLError, Lexer, Source, TokenKind } from "graphql";
import { documentLimits, type Limit } from "./document-limits.ts";

const { characters, tokens, nesting } = documentLimits;

/**
 * The limit that the text is beyond, or null. Read with the parser's own lexer: whatever is a string or a comment for the
 * one is that for the other.
 */
export const findTextExcess = (text: string): Limit | null => {
  if (text.length > characters.most) return characters;
  const lexer = new Lexer(new Source(text));
  let count = 0;
  let level = 0;
  try {
    for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
      count += 1;
      if (count > tokens.most) return tokens;
      if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L) level += 1;
      if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R) level -= 1;
      if (level > nesting.most) return nesting;
    }
  } catch (error) {
    // The parser stops at the same character, so what lies behind it nests nothing.
    if (!(error instanceof GraphQLError)) throw error;
  }
  return null;
};
