// What a login names: an address when it holds an `@`, else a username.
import { findCanonicalEmail } from "./emails.ts";
import { findCanonicalUsername } from "./usernames.ts";

/** Of the account's address where it holds an `@`, else of its username. Null for what can be neither. */
export const findCanonicalLogin = (typed: string): string | null =>
  typed.includes("@") ? findCanonicalEmail(typed) : findCanonicalUsername(typed);
