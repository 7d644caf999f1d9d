// The budget of wrong codes, recovery codes and passkeys: one for all second factors of a user.
import type { RateLimitSettings } from "../../config/rate-limits.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { rateLimited } from "../../errors.ts";
import type { Meter } from "../../meter.ts";
import type { Refusals } from "../audit/refusals.ts";
import type { Client } from "../viewer/client.ts";
import { factorKey } from "./attempt-counts.ts";
import { type BudgetKey, limitReached } from "./rate-limits.ts";
import { BudgetStore, type CountPlaces } from "./store.ts";

export interface FactorAttempt {
  readonly userId: string;
  /** A session has a count of its own: it needs no password, and must not keep the user out of the next login. */
  readonly by: "login" | "session";
  readonly client: Client;
}

export interface FactorAttempts {
  /**
   * Spends an attempt before `verify` runs. Throws RATE_LIMITED, for a right proof too. `verify` returns null for a wrong proof,
   * which stays counted; what it returns otherwise, or throws, gives this attempt back and no other: a right code must not give
   * new guesses to those that run beside it.
   */
  check<Value>(attempt: FactorAttempt, verify: () => Promise<Value | null>): Promise<Value | null>;
}

export const createFactorAttempts = (options: {
  readonly places: CountPlaces;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly refusals: Refusals;
  readonly meter: Meter | null;
}): FactorAttempts => {
  const { places, settings, keyOf, refusals, meter } = options;
  const budget = new BudgetStore(places, "factor.account", settings["factor.account"], { meter });
  return {
    async check({ userId, by, client }, verify) {
      const key = factorKey(keyOf, userId, by);
      const { refusal, countedIn } = await budget.spend(key);
      if (refusal !== null) {
        refusals.record(limitReached("factor.account", userId, client));
        throw rateLimited(refusal.msBeforeNext, "factor.account");
      }
      let isWrong = false;
      try {
        const value = await verify();
        isWrong = value === null;
        return value;
      } finally {
        if (isWrong) refusals.record(wrongSecondFactor(userId, client));
        // What succeeded must not fail because of its budget.
        else await budget.refund(key, countedIn).catch(() => undefined);
      }
    },
  };
};

/** The user's only, and spent only after a first proof: a stranger cannot use it to keep the user out. */
const wrongSecondFactor = (userId: string, client: Client) => ({
  type: AuditEventType.LOGIN_FAILED,
  userId,
  actorId: null,
  client,
  details: { reason: "WRONG_SECOND_FACTOR" },
});
