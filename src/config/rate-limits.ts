// The rate limits with their defaults, and RATE_LIMITS, which overrides them.
import { z } from "zod";
import { findDuration, hours, minutes } from "../time.ts";
import { optionalSetting } from "./setting.ts";

export interface Budget {
  /** Attempts per window. */
  readonly points: number;
  /** The window, in milliseconds. */
  readonly per: number;
}

/**
 * `.account`: for each login as typed, whether the account exists or not. `.device`: for each familiar browser of a user.
 * `.ip`: for each IPv4 address or IPv6 /64.
 */
export const defaultRateLimits = {
  "login.account": { points: 5, per: minutes(15) },
  "login.device": { points: 5, per: minutes(15) },
  "login.ip": { points: 30, per: minutes(1) },
  "factor.account": { points: 10, per: minutes(15) },
  "code.account": { points: 10, per: minutes(15) },
  "register.ip": { points: 20, per: hours(1) },
  "reset.ip": { points: 10, per: hours(1) },
  "mail.account": { points: 3, per: hours(1) },
  "secret.ip": { points: 30, per: minutes(1) },
  "passkey.ip": { points: 60, per: minutes(1) },
  "provider.ip": { points: 30, per: minutes(1) },
} as const satisfies Record<string, Budget>;

/** For docs/reference/rate-limits.md. */
export const rateLimitTexts: Readonly<Record<BudgetName, string>> = {
  "login.account":
    "Failed logins with one username or email. A user who is logged in, or has a link from mail, has a separate count. The first excess attempt blocks for 1 minute, the next for 2, 4, 8 and then 15 minutes. Reset by a correct password.",
  "login.device": "The same for one familiar browser of the user. This count replaces `login.account`.",
  "login.ip":
    "Password checks from one IP, correct ones too. All familiar browsers of one user share a separate count of the same size.",
  "factor.account":
    "Wrong codes, recovery codes and passkeys of one user, at all second steps together. A right one gives its attempt back. It stops only the second step, so that a stranger without the password cannot use it to keep the user out. One login allows five.",
  "code.account":
    "Wrong login codes from mails to one email, whether a user has it or not. A familiar browser of the user has a count of its own. A right one gives its attempt back. It is not `factor.account`, because anybody who can type the email can spend it. One mail allows five.",
  "register.ip": "Registrations, and changes of a username, from one IP.",
  "reset.ip": "Requests for a mail from one IP.",
  "mail.account":
    "Mails to one email that strangers can cause. Beyond it no mail is sent, and the response stays the same.",
  "secret.ip":
    "Links from mail that one IP tries. Unknown tokens have a separate count of the same size, on each server.",
  "passkey.ip":
    "Logins with a passkey that one IP begins or completes: two of a login. A page that offers them as it opens begins one each time.",
  "provider.ip":
    "Logins with a provider that one IP begins or completes: two of a login, and a third when an app completes it.",
};

export type BudgetName = keyof typeof defaultRateLimits;
export type RateLimitSettings = Readonly<Record<BudgetName, Budget>>;

/** Valid for one more version. */
const oldNames: Readonly<Record<string, BudgetName>> = {
  "login.address": "login.ip",
  "register.address": "register.ip",
  "reset.address": "reset.ip",
  "secret.address": "secret.ip",
};

export interface RateLimitOverrides {
  readonly settings: RateLimitSettings;
  /** Such as "login.address is now login.ip", for `graphward check`. */
  readonly renamed: readonly string[];
}

export const rateLimitSettings = () => ({
  rateLimits: optionalSetting("RATE_LIMITS", {
    text: "Overrides of the [rate limits](rate-limits.md), by name and separated by commas: how many, in which time (`s`, `m`, `h` or `d`).",
    example: "login.ip=60/1m,register.ip=100/1h",
    schema: z.string().transform(toOverrides),
    otherwise: { settings: defaultRateLimits, renamed: [] },
  }),
});

function toOverrides(text: string, context: z.RefinementCtx): RateLimitOverrides {
  const settings: Record<BudgetName, Budget> = { ...defaultRateLimits };
  const renamed: string[] = [];
  for (const part of text.split(",")) {
    const [, given = "", count = "", duration = ""] =
      /^\s*([a-z.]+)=([1-9]\d{0,6})\/(\w+)\s*$/.exec(part) ?? [];
    const newName = Object.hasOwn(oldNames, given) ? oldNames[given] : undefined;
    const name = newName ?? given;
    const per = findDuration(duration);
    if (!isBudgetName(name) || per === null) {
      context.addIssue(
        `${JSON.stringify(part.trim())} must look like login.ip=60/1m; the names are ${Object.keys(defaultRateLimits).join(", ")}`,
      );
      continue;
    }
    if (newName !== undefined) renamed.push(`${given} is now ${newName}`);
    settings[name] = { points: Number(count), per };
  }
  return { settings, renamed };
}

const isBudgetName = (name: string): name is BudgetName => Object.hasOwn(defaultRateLimits, name);
