// Gives a skeleton to users from before there were skeletons, the oldest first: its name is then protected from names that look alike.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { requireUsername } from "../text/usernames.ts";

const usersAtOnce = 1_000;

/**
 * A user whose name looks like that of an older user keeps the name and gets no skeleton, until the older one is gone. Returns how
 * many users got one.
 */
export const fillMissingSkeletons = async (database: Database): Promise<number> => {
  let filled = 0;
  for (let after = firstId; ; ) {
    const users = await readPage(database, after);
    const last = users.at(-1);
    if (last === undefined) return filled;
    after = last.id;
    filled += await fill(database, users);
  }
};

const firstId = "00000000-0000-0000-0000-000000000000";

const readPage = (database: Database, after: string) =>
  database
    .selectFrom("users")
    .select(["id", "username"])
    .where("username_skeleton", "is", null)
    .where("id", ">", after)
    .orderBy("id")
    .limit(usersAtOnce)
    .execute();

const fill = async (
  database: Database,
  users: readonly { readonly id: string; readonly username: string }[],
): Promise<number> => {
  // Ids are in the order of creation: the first with a skeleton is the oldest.
  const oldest = new Map<string, string>();
  for (const { id, username } of users) {
    const { skeleton } = requireUsername(username);
    if (!oldest.has(skeleton)) oldest.set(skeleton, id);
  }
  const pairs = [...oldest].map(([skeleton, id]) => ({ id, skeleton }));
  const given = sql<{ id: string; skeleton: string }>`jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb)`;
  const { numUpdatedRows } = await database
    .updateTable("users")
    .from(given.as<"given">(sql`given(id uuid, skeleton text)`))
    .set({ username_skeleton: sql<string>`given.skeleton` })
    .where(sql<boolean>`users.id = given.id`)
    .where("username_skeleton", "is", null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("users as other")
            .select("other.id")
            .where(sql<boolean>`other.username_skeleton = given.skeleton`),
        ),
      ),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
};
