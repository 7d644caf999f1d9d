// The budgets of guesses, registrations and mails, spent before anything is checked.
import { createHmac } from "node:crypto";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { BudgetName, RateLimitSettings } from "../../config/rate-limits.ts";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { rateLimited } from "../../errors.ts";
import { toSeconds } from "../../time.ts";
import type { Refusals } from "../audit/refusals.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Client } from "../viewer/client.ts";
import { networkOf } from "../viewer/network.ts";
import { BudgetStore } from "./store.ts";

export type IpBudget = Extract<BudgetName, `${string}.ip`>;

export interface RateLimits {
  /** Throws RATE_LIMITED once the budget of the client's network is spent. */
  spend(budget: IpBudget, client: Client): Promise<void>;
  /**
   * Returns false once the email's budget is spent: then nothing is sent, and the client does not learn it. Mail that anybody can
   * trigger `leaves the last one`: otherwise a user who has forgotten the password could get no mail.
   */
  takeMail(canonicalEmail: string, use?: "leaves the last one"): Promise<boolean>;
  /** Refunds a mail that was not sent after all. */
  refundMail(canonicalEmail: string): Promise<void>;
  /** For an unknown token. Counted in memory, because servers need not agree on it. Throws RATE_LIMITED. */
  spendUnknownToken(client: Client): Promise<void>;
}

/** HMACs, so that an attacker who reads the table learns no name, email or network, and cannot guess them. */
export type BudgetKey = (...subject: readonly string[]) => string;

export const createBudgetKey = (sessionSecrets: readonly string[]): BudgetKey => {
  const [secret] = sessionSecrets;
  if (secret === undefined) throw new Error("createBudgetKey() was given no secret.");
  const key = deriveKey(secret, "rate limits");
  return (...subject) => createHmac("sha256", key).update(JSON.stringify(subject)).digest("base64url");
};

export const createRateLimits = (options: {
  readonly database: Database;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly refusals: Refusals;
}): RateLimits => {
  const { database, settings, keyOf, refusals } = options;
  const store = (name: BudgetName) => new BudgetStore(database, name, settings[name]);
  const ofIp: Record<IpBudget, BudgetStore> = {
    "login.ip": store("login.ip"),
    "register.ip": store("register.ip"),
    "reset.ip": store("reset.ip"),
    "secret.ip": store("secret.ip"),
  };
  const ofMail = store("mail.account");
  const { points, per } = settings["secret.ip"];
  const unknownTokens = new RateLimiterMemory({ points, duration: toSeconds(per) });
  const refuse = (budget: BudgetName, client: Client, wait: number): never => {
    refusals.record(limitReached(budget, null, client));
    throw rateLimited(wait);
  };

  return {
    async spend(budget, client) {
      const refusal = await ofIp[budget].spend(keyOf(networkOf(client.ipAddress)));
      if (refusal !== null) refuse(budget, client, refusal.msBeforeNext);
    },
    async takeMail(canonicalEmail, use) {
      // With a budget of one mail, anybody may spend it.
      const left = use === undefined ? 0 : Math.min(1, ofMail.points - 1);
      return (await ofMail.spend(keyOf(canonicalEmail), left)) === null;
    },
    refundMail: (canonicalEmail) => ofMail.refund(keyOf(canonicalEmail)),
    async spendUnknownToken(client) {
      try {
        await unknownTokens.consume(networkOf(client.ipAddress));
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        refuse("secret.ip", client, refusal.msBeforeNext);
      }
    },
  };
};

export const limitReached = (budget: BudgetName, userId: string | null, client: Client) => ({
  type: AuditEventType.LIMIT_REACHED,
  userId,
  actorId: null,
  client,
  details: { budget },
});
