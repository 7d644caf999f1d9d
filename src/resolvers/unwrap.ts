// Unwraps a flow's result for a resolver: the value, or BAD_USER_INPUT with every broken rule.
import { badUserInput, type Result } from "../errors.ts";

/** Throws BAD_USER_INPUT. */
export function unwrap<Value>(result: Result<Value>): Value {
  if (!result.ok) throw badUserInput(result.problems);
  return result.value;
}
