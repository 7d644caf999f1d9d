// The budgets of guesses, registrations and mails, spent before anything is checked.
import { createHmac } from "node:crypto";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { BudgetName, RateLimitSettings } from "../../config/rate-limits.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { isRefused, rateLimited } from "../../errors.ts";
import type { Meter } from "../../meter.ts";
import { toSeconds } from "../../time.ts";
import type { Refusals } from "../audit/refusals.ts";
import { deriveKey } from "../secrets/derived-key.ts";
import type { Client } from "../viewer/client.ts";
import { networkOf } from "../viewer/network.ts";
import { BudgetStore, type CountPlaces } from "./store.ts";

export type IpBudget = Extract<BudgetName, `${string}.ip`>;

export interface RateLimits {
  /** Throws RATE_LIMITED once the budget of the client's network is spent. */
  spend(budget: IpBudget, client: Client, viewerId?: string | null): Promise<void>;
  /**
   * Runs `send` with false once the email's budget is spent: then it sends nothing, and the client does not learn it. What `send`
   * does not do spends nothing: it throws, returns a refused Result, or calls `sentNothing`. Mail that anybody can trigger `leaves the
   * last one`: otherwise a user who has forgotten the password could get no mail.
   */
  withMail<Value>(
    mail: { readonly canonicalEmail: string; readonly client: Client; readonly viewerId?: string },
    send: (mayMail: boolean, sentNothing: () => void) => Promise<Value>,
    use?: "leaves the last one",
  ): Promise<Value>;
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
  readonly places: CountPlaces;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly refusals: Refusals;
  readonly meter: Meter | null;
}): RateLimits => {
  const { places, settings, keyOf, refusals, meter } = options;
  const store = (name: BudgetName) => new BudgetStore(places, name, settings[name], { meter });
  const ofIp: Record<IpBudget, BudgetStore> = {
    "login.ip": store("login.ip"),
    "register.ip": store("register.ip"),
    "reset.ip": store("reset.ip"),
    "secret.ip": store("secret.ip"),
    "passkey.ip": store("passkey.ip"),
    "provider.ip": store("provider.ip"),
  };
  const ofMail = store("mail.account");
  const { points, per } = settings["secret.ip"];
  const unknownTokens = new RateLimiterMemory({ points, duration: toSeconds(per) });
  const refuse = (budget: BudgetName, viewerId: string | null, client: Client, wait: number): never => {
    refusals.record(limitReached(budget, viewerId, client));
    throw rateLimited(wait, budget);
  };

  return {
    async spend(budget, client, viewerId = null) {
      const { refusal } = await ofIp[budget].spend(keyOf(networkOf(client.ipAddress)));
      if (refusal !== null) refuse(budget, viewerId, client, refusal.msBeforeNext);
    },
    async withMail({ canonicalEmail, client, viewerId = null }, send, use) {
      const key = keyOf(canonicalEmail);
      // With a budget of one mail, anybody may spend it.
      const left = use === undefined ? 0 : Math.min(1, ofMail.points - 1);
      const { refusal, countedIn } = await ofMail.spend(key, left);
      const mayMail = refusal === null;
      // The client is told nothing, so this event is the operator's only way to see why no mail came.
      if (!mayMail) refusals.record(limitReached("mail.account", viewerId, client));
      let isSent = mayMail;
      const sentNothing = () => {
        isSent = false;
      };
      try {
        const value = await send(mayMail, sentNothing);
        if (isRefused(value)) sentNothing();
        return value;
      } catch (error) {
        sentNothing();
        throw error;
      } finally {
        // While the database is down, the refund fails too, and its error would hide the first.
        if (mayMail && !isSent) await ofMail.refund(key, countedIn).catch(() => undefined);
      }
    },
    async spendUnknownToken(client) {
      try {
        await unknownTokens.consume(networkOf(client.ipAddress));
        meter?.countLimit("secret.ip", false);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        meter?.countLimit("secret.ip", true);
        refuse("secret.ip", null, client, refusal.msBeforeNext);
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
