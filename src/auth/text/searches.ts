// Canonical form of a search for the beginning of a username or email.

import { isFarLongerThan } from "./characters.ts";
import { findCanonicalEmail, maxAddressLength } from "./emails.ts";
import { foldUsername } from "./usernames.ts";

/** Null when there is nothing to search for. */
export const findCanonicalSearch = (search: string | null): string | null => {
  const typed = search?.trim() ?? "";
  if (typed === "") return null;
  // No name is that long, so nothing will match.
  if (isFarLongerThan(maxAddressLength, typed)) return typed;
  return findCanonicalEmail(typed) ?? foldUsername(typed);
};
