// Measures a document's text before it is parsed: parser and visitors recurse at each level of nesting.
import { GraphQLError, Lexer, Source, TokenKind } from "graphql";
import type { DocumentLimits, Limit } from "./document-limits.ts";

/**
 * The limit that the text exceeds, or null. Uses the parser's own lexer, so that both agree on strings and comments.
 */
export const findTextExcess = (
  text: string,
  { characters, tokens, nesting }: Pick<DocumentLimits, "characters" | "tokens" | "nesting">,
): Limit | null => {
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
    // The parser stops at the same character, so the rest of the text adds no nesting.
    if (!(error instanceof GraphQLError)) throw error;
  }
  return null;
};
