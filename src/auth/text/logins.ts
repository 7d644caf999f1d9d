// A login is an email if it contains an `@`, otherwise a username.
import { withoutEdges } from "./edges.ts";
import { findCanonicalEmail } from "./emails.ts";
import { findCanonicalUsername } from "./usernames.ts";

/** The canonical email or username. Null for a text that can be neither. */
export const findCanonicalLogin = (typed: string): string | null => {
  const login = withoutEdges(typed);
  return login.includes("@") ? findCanonicalEmail(login) : findCanonicalUsername(login);
};
