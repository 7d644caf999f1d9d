// Finds the id of a user, and whether there are users.
import type { Database } from "../../database/tables.ts";
import { brokenRule, done, type Result, refused } from "../../errors.ts";
import { withoutEdges } from "../text/edges.ts";
import { findCanonicalUsername } from "../text/usernames.ts";

export const findUserId = async (database: Database, username: string): Promise<Result<string>> => {
  const user = await database
    .selectFrom("users")
    .select("id")
    .where("canonical_username", "=", findCanonicalUsername(withoutEdges(username)))
    .executeTakeFirst();
  return user === undefined ? refused(unknownUser) : done(user.id);
};

export const hasUsers = async (database: Database): Promise<boolean> =>
  (await database.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;

export const unknownUser = brokenRule("username", "exists", "There is no such user.");
