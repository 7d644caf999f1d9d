import { Migration } from "@mikro-orm/migrations";

const channel = "graphward_revocations";

/** Beyond this many users of one statement, one notice for all: a payload never grows, nor does their number. */
const usersAtMost = 100;

/** What servers remember of a user. A login changes the last login and perhaps the hash: it sends nothing. */
const remembered = ["is_active", "roles", "username", "email"];
const rememberedSince = [...remembered, "pending_email", "email_verified_at"];

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
      perform pg_notify('${channel}', '*');
    else
      perform pg_notify('${channel}', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;`;

export class Migration20261125141500_verified_address_notices extends Migration {
  override name = "Migration20261125141500_verified_address_notices";

  override up(): void {
    this.addSql(notifier(rememberedSince));
  }

  override down(): void {
    this.addSql(notifier(remembered));
  }
}
