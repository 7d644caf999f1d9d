// Stops the start when an access rule would not be enforced.

/** The message says which rule would not be enforced, and what to write instead. */
export class AccessRuleError extends Error {
  override readonly name = "AccessRuleError";
}
