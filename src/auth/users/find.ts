// Finds single values of one user: id, last login, active state.
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

export const findLastLogin = async (database: Database, userId: string): Promise<Date | null> => {
  const user = await database
    .selectFrom("users")
    .select("last_login_at")
    .where("id", "=", userId)
    .executeTakeFirst();
  return user?.last_login_at ?? null;
};

/** Returns false also for a user that does not exist. */
export const findIsActive = async (database: Database, userId: string): Promise<boolean> => {
  const user = await database
    .selectFrom("users")
    .select("is_active")
    .where("id", "=", userId)
    .executeTakeFirst();
  return user?.is_active ?? false;
};

export const hasUsers = async (database: Database): Promise<boolean> =>
  (await database.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;

export const unknownUser = brokenRule("username", "exists", "There is no such user.");
