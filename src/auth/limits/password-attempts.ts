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
import { accountKey, type CountedAccount, clearAttemptsOf, type PasswordSubject } from "./attempt-counts.ts";
import { type BudgetKey, limitReached, type RateLimits } from "./rate-limits.ts";
import { BudgetStore } from "./store.ts";

export interface PasswordAttempt {
  readonly subject: PasswordSubject;
  /** Of a browser that has logged in to the account before: its own budget, so that no stranger can lock it out. */
  readonly device: { readonly userId: string; readonly id: string } | null;
  readonly client: Client;
}

export interface PasswordAttempts {
  /** Throws RATE_LIMITED, for a right password as for a wrong one. */
  charge(attempt: PasswordAttempt): Promise<Charge>;
  /** For the transaction that gives the account a new password. */
  clear(transaction: Database, account: CountedAccount): Promise<void>;
}

export interface Charge {
  /** As `verifyPassword`. Throws SERVICE_UNAVAILABLE, and gives the charge back: nothing was tried. */
  verify(hash: string | null, typed: string): Promise<boolean>;
  /** The password was right: what the account has spent comes back, what the network has spent does not. */
  forgive(): Promise<void>;
  /** Recorded without what was typed: people type their password where the username belongs. */
  fail(failure: PasswordFailure): void;
}

export interface PasswordFailure {
  /** Of the account, when there is one. */
  readonly userId: string | null;
  readonly reason: "NO_ACCOUNT" | "NOT_ALLOWED" | "WRONG_PASSWORD";
}

const shortestWait = minutes(1);
/** Never a lock for good: whoever tries the wrong passwords may be somebody who wants the owner out. */
const longestWait = minutes(15);
/** For how long the waits keep growing. */
const memoryOfWaits = days(1);

const waitAfter = (timesSpent: number): number =>
  Math.min(longestWait, shortestWait * 2 ** Math.min(timesSpent - 1, 10));

export const createPasswordAttempts = (options: {
  readonly database: Database;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly limits: Pick<RateLimits, "charge">;
  readonly refusals: Refusals;
}): PasswordAttempts => {
  const { database, settings, keyOf, limits, refusals } = options;
  const accounts = new BudgetStore(database, "login.account", settings["login.account"]);
  const devices = new BudgetStore(database, "login.device", settings["login.device"]);
  const knownBrowsers = new BudgetStore(database, "login.address", settings["login.address"]);
  const waits = new BudgetStore(database, "login.waits", {
    points: Number.MAX_SAFE_INTEGER,
    per: memoryOfWaits,
  });

  return {
    async charge({ subject, device, client }) {
      const store = device === null ? accounts : devices;
      const key =
        device === null
          ? accountKey(keyOf, subject)
          : `${accountKey(keyOf, device)} ${keyOf("device", device.id)}`;
      const refuse = (budget: BudgetName, wait: number): never => {
        const userId = "userId" in subject ? subject.userId : (device?.userId ?? null);
        refusals.record(limitReached(budget, userId, client));
        throw rateLimited(wait);
      };
      // Whoever tries many accounts runs dry here, and spends nobody's budget by it.
      if (device === null) await limits.charge("login.address", client);
      const refusal = await store.spend(key);
      if (refusal !== null)
        refuse(
          device === null ? "login.account" : "login.device",
          await beginWait({ store, waits, key, refusal }),
        );
      // Known browsers have as many as an address, an account's all together: right ones empty the count above, and cost as
      // much. Charged to their network, its other guests could keep their owners out.
      const excess = device === null ? null : await knownBrowsers.spend(accountKey(keyOf, device));
      if (excess !== null) {
        await store.giveBack(key);
        refuse("login.address", excess.msBeforeNext);
      }

      return {
        async verify(hash, typed) {
          try {
            return await verifyPassword(hash, typed);
          } catch (error) {
            // Otherwise whoever keeps the queue of hashes full spends the budget of each owner who comes meanwhile.
            await store.giveBack(key).catch(() => undefined);
            throw error;
          }
        },
        async forgive() {
          const keys = [store.getKey(key), waits.getKey(key)];
          await database
            .deleteFrom("rate_limits")
            .where("key", "in", keys)
            .execute()
            // Then it was counted in memory, and is forgiven there.
            .catch(() => Promise.all([store.delete(key), waits.delete(key)]));
        },
        fail({ userId, reason }) {
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
