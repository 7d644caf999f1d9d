// The budgets of guessing, registering and mail, and how RATE_LIMITS overrides them.
import { z } from "zod";
import { findDuration, hours, minutes } from "../time.ts";

export interface Budget {
  /** How many are free in each window. */
  readonly points: number;
  /** The window, in milliseconds. */
  readonly per: number;
}

/**
 * `.account`: for each account as it was typed, there or not. `.device`: for each browser that has logged in to the account
 * before. `.address`: for each IPv4 address or IPv6 /64.
 */
export const defaultRateLimits = {
  /** Wrong passwords. Whoever spends it waits: see the growing wait in auth/password-attempts.ts. */
  "login.account": { points: 5, per: minutes(15) },
  "login.device": { points: 5, per: minutes(15) },
  /** Passwords checked, right ones too. */
  "login.address": { points: 30, per: minutes(1) },
  /** Names tried: at registration, and when one is changed. */
  "register.address": { points: 20, per: hours(1) },
  /** Mails asked for. */
  "reset.address": { points: 10, per: hours(1) },
  /** Mails to one address that strangers can cause. Spent silently: the answer must not tell. */
  "mail.account": { points: 3, per: hours(1) },
  /** Links and tokens tried. */
  "secret.address": { points: 30, per: minutes(1) },
} as const satisfies Record<string, Budget>;

export type BudgetName = keyof typeof defaultRateLimits;
export type RateLimitSettings = Readonly<Record<BudgetName, Budget>>;

/** `register.address=1000/1h,login.address=60/1m` */
export const rateLimitOverrides = z.string().transform((text, context): RateLimitSettings => {
  const settings: Record<BudgetName, Budget> = { ...defaultRateLimits };
  for (const part of text.split(",")) {
    const [, name = "", count = "", duration = ""] =
      /^\s*([a-z.]+)=([1-9]\d{0,6})\/(\w+)\s*$/.exec(part) ?? [];
    const per = findDuration(duration);
    if (!isBudgetName(name) || per === null) {
      context.addIssue(
        `${JSON.stringify(part.trim())} must look like login.address=60/1m; the names are ${Object.keys(defaultRateLimits).join(", ")}`,
      );
      continue;
    }
    settings[name] = { points: Number(count), per };
  }
  return settings;
});

const isBudgetName = (name: string): name is BudgetName => Object.hasOwn(defaultRateLimits, name);
