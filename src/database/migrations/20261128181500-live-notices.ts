import { Migration } from "@mikro-orm/migrations";

/** The channel of the table's schema: two environments in one database do not hear each other. */
const channel = "tg_table_schema || '_events'";

/**
 * For subscriptions of ours: ids only, and which user may see them. The ends of sessions are notified as revocations. While nobody
 * follows, nothing is sent: NOTIFY takes a lock on the whole database at commit, and each login would.
 */
const notifier = (name: string, rows: string): string => `
  create function ${name}() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
  declare
    is_followed boolean;
  begin
    execute format('select exists (select from %I.live_followers)', tg_table_schema) into is_followed;
    if is_followed then
      perform pg_notify(${channel}, notice) from (${rows}) as notices (notice);
    end if;
    return null;
  end $$;`;

const inserted = (trigger: string, table: string, notify: string): string =>
  `create trigger ${trigger} after insert on ${table} referencing new table as new_rows
   for each statement execute function ${notify}();`;

export class Migration20261128181500_live_notices extends Migration {
  override name = "Migration20261128181500_live_notices";

  override up(): void {
    this.addSql(
      `create table "live_followers" ("id" uuid not null, "seen_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(
      notifier(
        "notify_new_sessions",
        "select distinct 'graphward_sessions ' || json_build_array(json_build_object(), user_id)::text from new_rows",
      ),
    );
    this.addSql(
      notifier(
        "notify_new_audit_events",
        `select 'graphward_audit ' || json_build_array(json_build_object('id', id::text, 'userId', user_id), user_id)::text
         from new_rows order by id`,
      ),
    );
    this.addSql(inserted("sessions_inserted", "sessions", "notify_new_sessions"));
    this.addSql(inserted("audit_events_inserted", "audit_events", "notify_new_audit_events"));
  }

  override down(): void {
    this.addSql("drop trigger audit_events_inserted on audit_events;");
    this.addSql("drop trigger sessions_inserted on sessions;");
    this.addSql("drop function notify_new_audit_events();");
    this.addSql("drop function notify_new_sessions();");
    this.addSql(`drop table if exists "live_followers" cascade;`);
  }
}
