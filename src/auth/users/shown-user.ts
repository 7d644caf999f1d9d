// A user with everything that the owner, and viewers who may see users, are shown.
import { sql } from "kysely";
import { validate as isUuid } from "uuid";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { notFound } from "../../errors.ts";
import { userColumns } from "../viewer/viewer.ts";

const shownColumns = [
  ...userColumns,
  "users.last_login_at as lastLoginAt",
  "users.is_active as isActive",
  "users.new_device_mail as newDeviceMail",
  sql<boolean>`(users.password_hash is not null)`.as("hasPassword"),
] as const;

const selectShown = (database: Database) => database.selectFrom("users").select(shownColumns);

export type ShownUser = Awaited<ReturnType<ReturnType<typeof selectShown>["executeTakeFirstOrThrow"]>>;

/** Checks the id first: PostgreSQL fails on text that is not a UUID. */
export const findShownUser = async (database: Database, id: string): Promise<ShownUser | null> =>
  (isUuid(id) && (await selectShown(database).where("id", "=", id).executeTakeFirst())) || null;

/** Throws NOT_FOUND. */
export const requireShownUser = async (database: Database, id: string): Promise<ShownUser> => {
  const user = await findShownUser(database, id);
  if (user === null) throw notFound();
  return user;
};

/** The ids of the users that exist. */
export const selectUserIds = (ids: readonly string[]) =>
  sql<{ id: string }>`select id from ${ownTable("users")} where id = any(${[...ids]}::uuid[])`;

/** A map by id, without users that do not exist. */
export const findShownUsers = async (
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ShownUser>> => {
  if (ids.length === 0) return new Map();
  const users = await selectShown(database)
    .where("id", "=", sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  return new Map(users.map((user) => [user.id, user]));
};

export type FindShownUser = (id: string) => Promise<ShownUser | null>;

/** One statement for all that the fields of a response ask for at the same moment: a list costs one more, not one for each row. */
export const createShownUsers = (database: Database): FindShownUser => {
  let next: { readonly ids: Set<string>; readonly users: ReturnType<typeof findShownUsers> } | null = null;
  return async (id) => {
    if (next === null) {
      const ids = new Set<string>();
      const users = momentsEnd().then(() => {
        next = null;
        return findShownUsers(database, [...ids]);
      });
      next = { ids, users };
    }
    next.ids.add(id);
    return (await next.users).get(id) ?? null;
  };
};

/** After the promises that are resolved already, such as those of a data loader, and what they go on to ask for. */
const momentsEnd = (): Promise<void> =>
  Promise.resolve().then(() => new Promise((resolve) => process.nextTick(resolve)));
