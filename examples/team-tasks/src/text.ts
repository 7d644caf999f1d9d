// The rule of every text that a member types.
import { badUserInput, brokenRule } from "graphward";

export const maxCharacters = 200;

/** Returns it without the spaces around it. Throws BAD_USER_INPUT, which names the argument. */
export function requireText(argument: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw broken(argument, "required", "Write something here.");
  if ([...trimmed].length > maxCharacters)
    throw broken(argument, "max_length", `This may have ${maxCharacters} characters at most.`);
  return trimmed;
}

export const broken = (argument: string, rule: string, message: string) =>
  badUserInput([brokenRule(argument, rule, message)]);
