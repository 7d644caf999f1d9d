// Limits password attempts: an attempt is spent before the password is checked, and beyond the budget the waits grow.
import type { RateLimiterRes } from "rate-limiter-flexible";
import type { BudgetName, RateLimitSettings } from "../../config/rate-limits.ts";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { rateLimited } from "../../errors.ts";
import type { Meter } from "../../meter.ts";
import { days, minutes } from "../../time.ts";
import type { Refusals } from "../audit/refusals.ts";
import { verifyPassword } from "../passwords/hash.ts";
import type { Client } from "../viewer/client.ts";
import { networkOf } from "../viewer/network.ts";
import { accountKey, type CountedUser, clearAttemptsOf, type PasswordSubject } from "./attempt-counts.ts";
import type { RedisCounts } from "./counting-in-redis.ts";
import { type BudgetKey, limitReached } from "./rate-limits.ts";
import { AllInFlight, BudgetStore, type CountPlaces, type Refund, type SpentTogether } from "./store.ts";

export interface PasswordAttempt {
  readonly subject: PasswordSubject;
  /** The user whose password is tried, if there is one: for the event that records a refusal. */
  readonly userId: string | null;
  /** A familiar browser has a budget of its own, so that a stranger cannot lock it out. */
  readonly browser: { readonly userId: string; readonly id: string } | null;
  readonly client: Client;
}

export interface PasswordAttempts {
  /**
   * Throws RATE_LIMITED, for a right password too. While the last attempts of the budget are being checked, it asks to try again in a
   * second: they may turn out to be right.
   */
  spend(attempt: PasswordAttempt): Promise<SpentAttempt>;
  /** Call it in the transaction that sets a new password. */
  clear(transaction: Database, account: CountedUser): Promise<void>;
}

export interface SpentAttempt {
  /**
   * The same as `verifyPassword`. A right password refunds the account's budget, not the network's. When it throws
   * SERVICE_UNAVAILABLE, the attempt is refunded, because nothing was tried.
   */
  verify(hash: string | null, typed: string): Promise<boolean>;
  /** The same, and a right password leaves the refund to the caller, in a statement that is made anyway. */
  check(hash: string | null, typed: string): Promise<boolean>;
  readonly refund: Refund | undefined;
  /** Leaves out what was typed: people type their password into the username field. */
  recordFailure(failure: PasswordFailure): void;
}

export interface PasswordFailure {
  /** The user, if there is one. */
  readonly userId: string | null;
  readonly reason: "NO_ACCOUNT" | "NOT_ALLOWED" | "WRONG_PASSWORD";
}

const minWait = minutes(1);
/** Never a permanent lockout: an attacker could use it to keep the user out. */
const maxWait = minutes(15);
/** How long a wait counts towards the next. */
const memoryOfWaits = days(1);

const waitAfter = (timesSpent: number): number =>
  Math.min(maxWait, minWait * 2 ** Math.min(timesSpent - 1, 10));

export const createPasswordAttempts = (options: {
  readonly places: CountPlaces;
  readonly settings: RateLimitSettings;
  readonly keyOf: BudgetKey;
  readonly refusals: Refusals;
  readonly meter: Meter | null;
}): PasswordAttempts => {
  const { places, settings, keyOf, refusals, meter } = options;
  const judged = { isSettled: true, meter };
  const accounts = new BudgetStore(places, "login.account", settings["login.account"], judged);
  const browsers = new BudgetStore(places, "login.device", settings["login.device"], judged);
  const networks = new BudgetStore(places, "login.ip", settings["login.ip"], { meter });
  // `penalty` counts in PostgreSQL: with each Redis that is wiped, the waits would begin anew.
  const waits = new BudgetStore(places, "login.waits", {
    points: Number.MAX_SAFE_INTEGER,
    per: memoryOfWaits,
  });

  const count = async (
    subject: PasswordSubject,
    browser: PasswordAttempt["browser"],
    client: Client,
  ): Promise<Counted> => {
    if (browser === null) {
      // The network comes first: a client that tries many accounts is stopped before it spends the accounts' budgets.
      const key = accountKey(keyOf, subject);
      const spent = await networks.spendBoth(keyOf(networkOf(client.ipAddress)), { store: accounts, key });
      return { ...spent, store: accounts, key, refusal: spent.nextRefusal, excess: spent.refusal };
    }
    const ofAccount = accountKey(keyOf, browser);
    const key = `${ofAccount} ${keyOf("device", browser.id)}`;
    // All familiar browsers of an account share one budget of an ip's size, because right passwords clear the count above but cost a
    // hash too. Counted against their network, other people there could lock the user out.
    const spent = await browsers.spendBoth(key, { store: networks, key: ofAccount });
    return { ...spent, store: browsers, key, excess: spent.nextRefusal };
  };

  return {
    async spend({ subject, userId, browser, client }) {
      const refuse = (budget: BudgetName, wait: number): never => {
        refusals.record(limitReached(budget, userId, client));
        throw rateLimited(wait, budget);
      };
      const { store, key, refusal, excess, countedIn } = await count(subject, browser, client);
      // No event: nothing has been refused for good.
      if (refusal instanceof AllInFlight) throw rateLimited(refusal.msBeforeNext, "login.account");
      if (refusal !== null)
        refuse(
          browser === null ? "login.account" : "login.device",
          await beginWait({ store, waits, key, refusal, countedIn }),
        );
      if (excess !== null) {
        if (browser !== null) await store.refund(key, countedIn);
        refuse("login.ip", excess.msBeforeNext);
      }

      const refund: Refund = (query) => store.clearing(query, key, [waits.getKey(key)]);
      const refundInMemory = () => Promise.all([store.delete(key), waits.delete(key)]);
      const check = async (hash: string | null, typed: string): Promise<boolean> => {
        let isRight: boolean;
        try {
          isRight = await verifyPassword(hash, typed);
        } catch (error) {
          // Otherwise an attacker who keeps the hash queue full would spend the budgets of the users who try to log in.
          await store.refund(key, countedIn).catch(ignore);
          throw error;
        }
        if (!isRight) await store.settle(key, countedIn).catch(ignore);
        else if (countedIn === "memory") await refundInMemory();
        // Not in the caller's statement, which forgets the waits.
        else if (countedIn === "redis") await store.clearInRedis(key).catch(ignore);
        return isRight;
      };
      return {
        check,
        // A table that cannot be written must not undo the login.
        refund: countedIn === "memory" ? undefined : refund,
        async verify(hash, typed) {
          const isRight = await check(hash, typed);
          if (isRight && countedIn !== "memory")
            await refund(places.database).execute().catch(refundInMemory);
          return isRight;
        },
        recordFailure({ userId, reason }) {
          const type = AuditEventType.LOGIN_FAILED;
          refusals.record({ type, userId, actorId: null, client, details: { reason } });
        },
      };
    },

    async clear(transaction, account) {
      // A Redis that does not respond must not undo a new password: its counts end by themselves.
      await clearAttemptsOf({ database: transaction, redis: ignoringFailures(places.redis) }, account, keyOf);
    },
  };
};

interface Counted extends Pick<SpentTogether, "countedIn"> {
  readonly store: BudgetStore;
  readonly key: string;
  /** The account's, or the familiar browser's. */
  readonly refusal: RateLimiterRes | null;
  /** The network's, or that of all familiar browsers. */
  readonly excess: RateLimiterRes | null;
}

interface Overdrawn extends Pick<SpentTogether, "countedIn"> {
  readonly store: BudgetStore;
  readonly waits: BudgetStore;
  readonly key: string;
  readonly refusal: RateLimiterRes;
}

/** The first attempt beyond the budget starts the wait; attempts during the wait do not prolong it. Milliseconds. */
const beginWait = async ({ store, waits, key, refusal, countedIn }: Overdrawn): Promise<number> => {
  if (refusal.consumedPoints !== store.points + 1) return refusal.msBeforeNext;
  const { consumedPoints: timesSpent } = await waits.penalty(key);
  const wait = waitAfter(timesSpent);
  await store.beginWait(key, wait, countedIn);
  return wait;
};

const ignoringFailures = (redis: CountPlaces["redis"]): Pick<RedisCounts, "forget"> | null =>
  redis && { forget: (keys) => redis.forget(keys).catch(() => 0) };

const ignore = (): void => undefined;
