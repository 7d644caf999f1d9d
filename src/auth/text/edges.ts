// White space around a typed name or email: phones' keyboards add a space behind a completed word, a paste adds a line break.

/**
 * Call it where a name or email comes in, before it is checked, looked up or stored. Never for a password. Inside, and for
 * invisible characters that are no white space, the rules of names decide.
 */
export const withoutEdges = (typed: string): string => typed.trim();

/** For an optional name or email. */
export const withoutEdgesOf = (typed: string | null): string | null =>
  typed === null ? null : withoutEdges(typed);
