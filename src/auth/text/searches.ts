// What is searched for: the beginning of a username or an address, in the form that both are compared on.

import { isFarLongerThan } from "./characters.ts";
import { findCanonicalEmail, maxAddressLength } from "./emails.ts";
import { foldUsername } from "./usernames.ts";

/** Null when nothing is searched for. */
export const findCanonicalSearch = (search: string | null): string | null => {
  const typed = search?.trim() ?? "";
  if (typed === "") return null;
  // Nothing begins like that, in whatever form.
  if (isFarLongerThan(maxAddressLength, typed)) return typed;
  return findCanonicalEmail(typed) ?? foldUsername(typed);
};
