// The settings of the ways to log in: which there are, and who must have a second factor.
import { z } from "zod";
import { commaSeparated, onOrOff, setting } from "./setting.ts";

/** Who must have a second factor: nobody, everybody, or the holders of these roles. */
export type SecondFactorPolicy = "optional" | "required" | readonly string[];

export const signInSettings = () => ({
  secondFactor: setting("SECOND_FACTOR", {
    text: "Who must have a second factor: `optional` lets each user decide, `required` asks everybody, a list of roles asks their holders. A user who must have one and has none can log in, and then only add one.",
    default: "optional",
    schema: z.string().transform(toPolicy),
  }),
  passwordLogin: onOrOff(
    "PASSWORD_LOGIN",
    true,
    "`off` refuses to log in with a password. Turn it off only when every user has another way to log in.",
  ),
  loginCodes: onOrOff(
    "LOGIN_CODES",
    false,
    "`on` lets users log in with a code from a mail, without a password. A second factor is asked for all the same.",
  ),
});

function toPolicy(text: string, context: z.RefinementCtx): SecondFactorPolicy {
  if (text === "optional" || text === "required") return text;
  const roles = commaSeparated(text);
  if (roles.length > 0 && roles.every((role) => /^[A-Z][A-Z0-9_]*$/.test(role))) return roles;
  context.addIssue("must be optional, required, or roles in capitals, separated by commas");
  return z.NEVER;
}
