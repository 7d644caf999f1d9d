// Usernames that an application keeps for itself, such as `support`: nobody may register one, nor one that looks like it.
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";

export interface ApplicationNames {
  /** `username`: as typed, and valid. */
  has(username: string): boolean;
}

/** Throws an error for developers when a name is none. */
export const createApplicationNames = (names: readonly string[]): ApplicationNames => {
  const wrong = names.find((name) => findUsernameProblem(name) !== null);
  if (wrong !== undefined)
    throw new Error(`reservedUsernames: ${JSON.stringify(wrong)} is a name that no user can have.`);
  const skeletons = new Set(names.map((name) => requireUsername(name).skeleton));
  return { has: (username) => skeletons.has(requireUsername(username).skeleton) };
};
