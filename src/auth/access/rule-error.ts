// A start that must not happen, because a rule would not hold.

/** The developer reads which rule would not hold, and what to write instead. */
export class AccessRuleError extends Error {
  override readonly name = "AccessRuleError";
}
