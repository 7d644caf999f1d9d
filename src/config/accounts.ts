// The settings of accounts: who may register, with which email, and with which password.
import { z } from "zod";
import { onOrOff, optionalSetting, setting } from "./setting.ts";

export const accountSettings = () => ({
  registration: setting("REGISTRATION", {
    text: "`open` lets anyone register. `closed` leaves it to administrators and operators to create users.",
    default: "open",
    schema: z.enum(["open", "closed"], { error: "must be open or closed" }) as z.ZodType<
      "open" | "closed",
      string
    >,
  }),
  requireVerifiedEmail: onOrOff(
    "REQUIRE_VERIFIED_EMAIL",
    false,
    "`on` refuses private fields to a user until the email is verified, except the fields that help to verify it. The email of a user that an operator creates counts as verified.",
  ),
  breachedPasswordsUrl: optionalSetting("BREACHED_PASSWORDS_URL", {
    text: "A service that knows the passwords of known breaches. It gets only the first five digits of a new password's SHA-1. If it does not reply within a second, the password is accepted. If it is not set, no service is asked.",
    example: "https://api.pwnedpasswords.com/range/",
    schema: z.string().transform(toFolder),
    otherwise: null,
  }),
});

/** The digits are appended after the last slash. */
function toFolder(text: string, context: z.RefinementCtx): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  // `fetch` refuses a URL with credentials: every check would fail, and every password would pass.
  const rest = url === null ? "" : url.username + url.password + url.search + url.hash;
  if (url && /^https?:$/.test(url.protocol) && url.pathname.endsWith("/") && rest === "") return url;
  context.addIssue("must look like https://api.pwnedpasswords.com/range/");
  return z.NEVER;
}
