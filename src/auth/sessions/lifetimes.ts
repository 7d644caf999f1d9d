// How long a session lasts, and the maximum number of sessions per user.
import { days, minutes } from "../../time.ts";

export interface Lifetimes {
  /** Milliseconds. Ends this long after the last use. */
  readonly idle: number;
  /** Milliseconds. Ends this long after the login, used or not. */
  readonly absolute: number;
}

export interface SessionLifetimes {
  readonly cookie: Lifetimes;
  readonly token: Lifetimes;
}

/** A token is stored in an app that may be opened once a month; a cookie in a browser that others may use. */
export const defaultLifetimes: SessionLifetimes = {
  cookie: { idle: days(14), absolute: days(90) },
  token: { idle: days(30), absolute: days(180) },
};

/** A session with both has the lifetimes of its token. */
export const lifetimesOf = (
  lifetimes: SessionLifetimes,
  { hasToken }: { readonly hasToken: boolean },
): Lifetimes => (hasToken ? lifetimes.token : lifetimes.cookie);

/** The minimum time between two writes of the last use: a read must not cost a write. */
export const touchInterval = minutes(1);

/** Shorter, and the batches that write uses would come too late. */
const minLifetime = minutes(5);

/** Throws an error for developers. */
export const requireLifetimes = (given: Partial<SessionLifetimes>): SessionLifetimes => {
  const lifetimes = { ...defaultLifetimes, ...given };
  for (const [kind, { idle, absolute }] of Object.entries(lifetimes))
    if (!(idle >= minLifetime && absolute >= idle))
      throw new Error(
        `accounts.sessions.${kind}: idle must be at least minutes(5), and absolute at least idle.`,
      );
  return lifetimes;
};

export const maxSessionsPerUser = 100;
