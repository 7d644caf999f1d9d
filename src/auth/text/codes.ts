// Codes that people type from paper, a mail or another screen.

/** The one form of a code: people type spaces, capitals, and leave hyphens out. */
export const canonicalCode = (typed: string): string => typed.toLowerCase().replaceAll(/[\s-]/g, "");
