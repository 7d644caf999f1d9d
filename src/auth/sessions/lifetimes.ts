// How long a session lasts, and the maximum number of sessions per user.
import { days, minutes } from "../../time.ts";

export interface Lifetimes {
  /** Ends this long after the last use. */
  readonly idle: number;
  /** Ends this long after the login, used or not. */
  readonly absolute: number;
}

/** A token is stored in an app that may be opened once a month; a cookie in a browser that others may use. */
export const lifetimesOf = (session: { readonly hasToken: boolean }): Lifetimes =>
  session.hasToken ? { idle: days(30), absolute: days(180) } : { idle: days(14), absolute: days(90) };

/** The minimum time between two writes of the last use: a read must not cost a write. */
export const touchInterval = minutes(1);

export const maxSessionsPerUser = 100;
