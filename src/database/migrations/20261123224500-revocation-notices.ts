import { Migration } from "@mikro-orm/migrations";

const channel = "graphward_revocations";

/** Beyond this many users of one statement, one notice for all: a payload never grows, nor does their number. */
const usersAtMost = 100;

/** Tells every server whose credentials may have become worth less. Also for a change by hand, in psql. */
const notifier = (name: string, select: string): string => `
  create function ${name}() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(${select});
    if cardinality(user_ids) > ${usersAtMost} then
      perform pg_notify('${channel}', '*');
    else
      perform pg_notify('${channel}', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;`;

export class Migration20261123224500_revocation_notices extends Migration {
  override name = "Migration20261123224500_revocation_notices";

  override up(): void {
    this.addSql(notifier("notify_deleted_sessions", "select distinct user_id from old_rows"));
    // A use of a session changes neither its digests nor shortens its life: it sends nothing.
    this.addSql(
      notifier(
        "notify_changed_sessions",
        `select distinct old_rows.user_id from old_rows left join new_rows on new_rows.id = old_rows.id
         where new_rows.id is null
            or new_rows.user_id <> old_rows.user_id
            or new_rows.cookie_digest is distinct from old_rows.cookie_digest
            or new_rows.token_digest is distinct from old_rows.token_digest
            or new_rows.idle_expires_at < old_rows.idle_expires_at
            or new_rows.absolute_expires_at < old_rows.absolute_expires_at`,
      ),
    );
    // A login changes a user's last login and perhaps the hash: it sends nothing.
    this.addSql(
      notifier(
        "notify_changed_users",
        `select old_rows.id from old_rows left join new_rows on new_rows.id = old_rows.id
         where new_rows.id is null
            or new_rows.is_active <> old_rows.is_active
            or new_rows.roles <> old_rows.roles
            or new_rows.username <> old_rows.username
            or new_rows.email is distinct from old_rows.email`,
      ),
    );
    this.addSql(
      `create function notify_truncated() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as
       $$ begin perform pg_notify('${channel}', '*'); return null; end $$;`,
    );
    this.addSql(
      `create trigger sessions_deleted after delete on sessions referencing old table as old_rows
       for each statement execute function notify_deleted_sessions();`,
    );
    this.addSql(
      `create trigger sessions_changed after update on sessions
       referencing old table as old_rows new table as new_rows
       for each statement execute function notify_changed_sessions();`,
    );
    this.addSql(
      `create trigger users_changed after update on users
       referencing old table as old_rows new table as new_rows
       for each statement execute function notify_changed_users();`,
    );
    this.addSql(
      `create trigger sessions_truncated after truncate on sessions
       for each statement execute function notify_truncated();`,
    );
  }

  override down(): void {
    this.addSql("drop trigger sessions_truncated on sessions;");
    this.addSql("drop trigger users_changed on users;");
    this.addSql("drop trigger sessions_changed on sessions;");
    this.addSql("drop trigger sessions_deleted on sessions;");
    for (const name of ["truncated", "changed_users", "changed_sessions", "deleted_sessions"])
      this.addSql(`drop function notify_${name}();`);
  }
}
