// How often somebody may try a password: charged before it is checked, and then in growing waits.
import type { RateLimiterRes } from "rate-limiter-flexible";
import type { BudgetName, RateLimitSettings } from "../../config/rate-limits.ts";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { rateLimited } from "../../errors.ts";
import { days, minutes, toSeconds } from "../../time.ts";
import type { Refusals } from "../audit/refusals.ts";
import { verifyPassword } from "../passwords/hash.ts";
import type { Client } from "../viewer/client.ts";
import { accountKey, type CountedUser, clearAttemptsOf, type PasswordSubject } from "./attempt-counts.ts";
import { type BudgetKey, limitReached, type RateLimits } from "./rate-limits.ts";
import { BudgetStore } from "./store.ts";

export interface PasswordAttempt {
  readonly subject: PasswordSubject;
  /** A trusted browser, which has logged in to the account before, has its own budget: no stranger can lock it out. */
  readonly browser: { readonly userId: string; readonly id: string } | null;
  readonly client: Client;
}

export interface PasswordAttempts {
  /** Throws RATE_LIMITED, for a right password as for a wrong one. */
  spend(attempt: PasswordAttempt): Promise<SpentAttempt>;
  /** For the transaction that gives the account a new password. */
  clear(transaction: Database, account: CountedUser): Promise<void>;
}

export interface SpentAttempt {
  /** As `verifyPassword`. Throws SERVICE_UNAVAILABLE, and refunds the attempt: nothing was tried. */
  verify(hash: string | null, typed: string): Promise<boolean>;
  /** The password was right: what the account has spent comes back, what the network has spent does not. */
  refund(): Promise<void>;
  /** Recorded without what was typed: people type their password where the username belongs. */
  recordFailure(failure: PasswordFailure): void;
}

export interface PasswordFailure {
  /** Of the account, when there is one. */
  readonly userId: string | null;
  readonly reason: "NO_ACCOUNT" | "NOT_ALLOWED" | "WRONG_PASSWORD";
}

const minWait = minutes(1);
/** Never a lock for good: whoever tries the wrong passwords may be somebody who wants the owner out. */
const maxWait = minutes(15);
/** For how long the waits keep growing. */
const memoryOfWaits = days(1);

const waitAfter = (timesSpent: number): number =>
  Math.min(maxWait, minWait * 2 ** Math.min(timesSpent - 1, 10));

export const createPasswordAttempts = (options: {
  readonly database: Database;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly limits: Pick<RateLimits, "spend">;
  readonly refusals: Refusals;
}): PasswordAttempts => {
  const { database, settings, keyOf, limits, refusals } = options;
  const accounts = new BudgetStore(database, "login.account", settings["login.account"]);
  const browsers = new BudgetStore(database, "login.device", settings["login.device"]);
  const allBrowsers = new BudgetStore(database, "login.ip", settings["login.ip"]);
  const waits = new BudgetStore(database, "login.waits", {
    points: Number.MAX_SAFE_INTEGER,
    per: memoryOfWaits,
  });

  return {
    async spend({ subject, browser, client }) {
      const store = browser === null ? accounts : browsers;
      const key =
        browser === null
          ? accountKey(keyOf, subject)
          : `${accountKey(keyOf, browser)} ${keyOf("device", browser.id)}`;
      const refuse = (budget: BudgetName, wait: number): never => {
        const userId = "userId" in subject ? subject.userId : (browser?.userId ?? null);
        refusals.record(limitReached(budget, userId, client));
        throw rateLimited(wait);
      };
      // Whoever tries many accounts runs dry here, and spends nobody's budget by it.
      if (browser === null) await limits.spend("login.ip", client);
      const refusal = await store.spend(key);
      if (refusal !== null)
        refuse(
          browser === null ? "login.account" : "login.device",
          await beginWait({ store, waits, key, refusal }),
        );
      // All trusted browsers of an account together have as many as an address: right passwords empty the count above, and cost
      // as much. Charged to their network, its other guests could keep their owners out.
      const excess = browser === null ? null : await allBrowsers.spend(accountKey(keyOf, browser));
      if (excess !== null) {
        await store.refund(key);
        refuse("login.ip", excess.msBeforeNext);
      }

      return {
        async verify(hash, typed) {
          try {
            return await verifyPassword(hash, typed);
          } catch (error) {
            // Otherwise whoever keeps the queue of hashes full spends the budget of each owner who comes meanwhile.
            await store.refund(key).catch(() => undefined);
            throw error;
          }
        },
        async refund() {
          const keys = [store.getKey(key), waits.getKey(key)];
          await database
            .deleteFrom("rate_limits")
            .where("key", "in", keys)
            .execute()
            // Then it was counted in memory, and is forgiven there.
            .catch(() => Promise.all([store.delete(key), waits.delete(key)]));
        },
        recordFailure({ userId, reason }) {
          const type = AuditEventType.LOGIN_FAILED;
          refusals.record({ type, userId, actorId: null, client, details: { reason } });
        },
      };
    },

    async clear(transaction, account) {
      await clearAttemptsOf(transaction, account, keyOf);
    },
  };
};

interface Overdrawn {
  readonly store: BudgetStore;
  readonly waits: BudgetStore;
  readonly key: string;
  readonly refusal: RateLimiterRes;
}

/** The first attempt beyond the budget begins the wait; those that come meanwhile do not prolong it. Milliseconds. */
const beginWait = async ({ store, waits, key, refusal }: Overdrawn): Promise<number> => {
  if (refusal.consumedPoints !== store.points + 1) return refusal.msBeforeNext;
  const { consumedPoints: timesSpent } = await waits.penalty(key);
  const wait = waitAfter(timesSpent);
  await store.block(key, toSeconds(wait));
  return wait;
};
