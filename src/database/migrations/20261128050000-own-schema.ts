import { Migration } from "@mikro-orm/migrations";

/** Beyond this many users of one statement, one notice for all: a payload never grows, nor does their number. */
const usersAtMost = 100;

/** The channel of the table's schema: two environments in one database do not hear each other, also after a schema is renamed. */
const channel = "tg_table_schema || '_revocations'";

const pinned = "language plpgsql set search_path = pg_catalog, pg_temp";

const notifier = (name: string, select: string): string => `
  create or replace function ${name}() returns trigger ${pinned} as $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(${select});
    if cardinality(user_ids) > ${usersAtMost} then
      perform pg_notify(${channel}, '*');
    else
      perform pg_notify(${channel}, user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;`;

/** The users of the rows of which a condition holds, for servers that remember the old ones. */
const changed = (user: string, conditions: readonly string[]): string => `
  select distinct old_rows.${user} from old_rows left join new_rows on new_rows.id = old_rows.id
  where new_rows.id is null or ${conditions.join(" or ")}`;

const differs = (column: string): string => `new_rows.${column} is distinct from old_rows.${column}`;
const shrinks = (column: string): string => `new_rows.${column} < old_rows.${column}`;

const copied = ["is_active", "email_verified_at", "canonical_username", "canonical_email"] as const;

/** Its table is named by its schema: the caller's search path decides nothing. */
const copier = `
  create or replace function copy_role_members() returns trigger ${pinned} as $$
  begin
    execute format('delete from %I.role_members where id = $1', tg_table_schema) using new.id;
    execute format(
      'insert into %I.role_members (id, role, ${copied.join(", ")})
       select distinct $1.id, role, ${copied.map((column) => `$1.${column}`).join(", ")} from unnest($1.roles) as role',
      tg_table_schema) using new;
    return null;
  end $$;`;

export class Migration20261128050000_own_schema extends Migration {
  override name = "Migration20261128050000_own_schema";

  override up(): void {
    this.addSql(notifier("notify_deleted_sessions", "select distinct user_id from old_rows"));
    this.addSql(
      notifier(
        "notify_changed_sessions",
        changed("user_id", [
          ...["user_id", "cookie_digest", "token_digest"].map(differs),
          ...["idle_expires_at", "absolute_expires_at"].map(shrinks),
        ]),
      ),
    );
    this.addSql(notifier("notify_deleted_access_tokens", "select distinct user_id from old_rows"));
    this.addSql(
      notifier(
        "notify_changed_access_tokens",
        changed("user_id", [...["user_id", "digest", "scopes"].map(differs), shrinks("expires_at")]),
      ),
    );
    this.addSql(
      notifier(
        "notify_changed_users",
        changed(
          "id",
          ["is_active", "roles", "username", "email", "pending_email", "email_verified_at"].map(differs),
        ),
      ),
    );
    this.addSql(
      `create or replace function notify_truncated() returns trigger ${pinned} as
       $$ begin perform pg_notify(${channel}, '*'); return null; end $$;`,
    );
    this.addSql(copier);
  }

  override down(): void {
    throw new Error("The version before this one cannot run on a schema of our own.");
  }
}
