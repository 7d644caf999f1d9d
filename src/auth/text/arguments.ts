// Refuses arguments with text that cannot be stored, before they reach a resolver.
import { type BrokenRule, badUserInput } from "../../errors.ts";
import { isStorableText } from "./characters.ts";

/** Throws BAD_USER_INPUT that names each such argument, at any depth of an input object. */
export const refuseUnstorableText = (args: Readonly<Record<string, unknown>>): void => {
  const broken: BrokenRule[] = [];
  collect(args, "", broken);
  if (broken.length > 0) throw badUserInput(broken);
};

const collect = (value: unknown, path: string, broken: BrokenRule[]): void => {
  if (typeof value === "string") {
    if (!isStorableText(value))
      broken.push({
        field: path,
        rule: "well_formed",
        message: "The text contains characters that cannot be stored.",
      });
  } else if (typeof value === "object" && value !== null) {
    for (const key in value)
      collect((value as Record<string, unknown>)[key], path ? `${path}.${key}` : key, broken);
  }
};
