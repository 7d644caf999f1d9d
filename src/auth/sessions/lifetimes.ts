// How long sessions live, and how many one account may have.
import { days, minutes } from "../../time.ts";

export interface Lifetimes {
  /** Ends this long after the last use. */
  readonly idle: number;
  /** Ends this long after the login, used or not. */
  readonly absolute: number;
}

/** A token sits in an app that people open once a month; a cookie in a browser that others may sit down at. */
export const lifetimesOf = (session: { readonly hasToken: boolean }): Lifetimes =>
  session.hasToken ? { idle: days(30), absolute: days(180) } : { idle: days(14), absolute: days(90) };

/** A use is written down at most this often: a read must not cost a write. */
export const touchInterval = minutes(1);

export const maxSessionsPerUser = 100;
