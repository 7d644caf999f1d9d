// The budget of wrong login codes: by email, because anybody who can type one can spend it.
import type { RateLimitSettings } from "../../config/rate-limits.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { rateLimited } from "../../errors.ts";
import type { Meter } from "../../meter.ts";
import type { Refusals } from "../audit/refusals.ts";
import type { Client } from "../viewer/client.ts";
import { codeKey } from "./attempt-counts.ts";
import { type BudgetKey, limitReached } from "./rate-limits.ts";
import { BudgetStore, type CountPlaces } from "./store.ts";

export interface CodeAttempt {
  /** Canonical. */
  readonly address: string;
  readonly userId: string | null;
  /** A familiar browser of the user has a count of its own: strangers cannot keep its user out. */
  readonly browserId: string | null;
  readonly client: Client;
}

export interface CodeAttempts {
  /** Spends an attempt before `verify` runs, and gives it back for a right code. Throws RATE_LIMITED, for a right code too. */
  check(attempt: CodeAttempt, verify: () => boolean): Promise<boolean>;
}

export const createCodeAttempts = (options: {
  readonly places: CountPlaces;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly refusals: Refusals;
  readonly meter: Meter | null;
}): CodeAttempts => {
  const { places, settings, keyOf, refusals, meter } = options;
  // Not that of second factors: strangers who guess codes could otherwise keep the user from the second step of every login.
  const budget = new BudgetStore(places, "code.account", settings["code.account"], { meter });
  return {
    async check({ address, userId, browserId, client }, verify) {
      const key = codeKey(keyOf, { address, browserId });
      const { refusal, countedIn } = await budget.spend(key);
      if (refusal !== null) {
        refusals.record(limitReached("code.account", userId, client));
        throw rateLimited(refusal.msBeforeNext, "code.account");
      }
      const isRight = verify();
      if (isRight) await budget.refund(key, countedIn).catch(() => undefined);
      else refusals.record(wrongCode(userId, client));
      return isRight;
    },
  };
};

const wrongCode = (userId: string | null, client: Client) => ({
  type: AuditEventType.LOGIN_FAILED,
  userId,
  actorId: null,
  client,
  details: { reason: "WRONG_CODE" },
});
