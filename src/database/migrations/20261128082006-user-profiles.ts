import { Migration } from "@mikro-orm/migrations";

/** Beyond this many users of one statement, one notice for all: a payload never grows, nor does their number. */
const usersAtMost = 100;

/** The channel of the table's schema: two environments in one database do not hear each other. */
const channel = "tg_table_schema || '_revocations'";

/** What servers remember of a user. */
const remembered = ["is_active", "roles", "username", "email", "pending_email", "email_verified_at"];
const rememberedSince = [...remembered, "display_name", "locale"];

const notifier = (columns: readonly string[]): string => `
  create or replace function notify_changed_users() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(
      select old_rows.id from old_rows left join new_rows on new_rows.id = old_rows.id
      where new_rows.id is null
         or ${columns.map((column) => `new_rows.${column} is distinct from old_rows.${column}`).join(" or ")});
    if cardinality(user_ids) > ${usersAtMost} then
      perform pg_notify(${channel}, '*');
    else
      perform pg_notify(${channel}, user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;`;

export class Migration20261128082006_user_profiles extends Migration {
  override name = "Migration20261128082006_user_profiles";

  override up(): void {
    this.addSql(`alter table "users" add "display_name" text null, add "locale" text null;`);
    this.addSql(notifier(rememberedSince));
  }

  override down(): void {
    this.addSql(notifier(remembered));
    this.addSql(`alter table "users" drop column "display_name", drop column "locale";`);
  }
}
