import { Migration } from "@mikro-orm/migrations";

const channel = "graphward_revocations";

/** Beyond this many users of one statement, one notice for all: a payload never grows, nor does their number. */
const usersAtMost = 100;

/** Tells every server whose access tokens may have become worth less. Also for a change by hand, in psql. */
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

export class Migration20261125072146_access_tokens extends Migration {
  override name = "Migration20261125072146_access_tokens";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "access_tokens" ("id" uuid not null, "user_id" uuid not null, "name" text not null, "digest" bytea not null, "hint" text not null, "scopes" text[] not null, "expires_at" timestamptz not null, "last_used_at" timestamptz null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "access_tokens_user_id_index" on "access_tokens" ("user_id");`);
    this.addSql(
      `alter table "access_tokens" add constraint "access_tokens_digest_unique" unique ("digest");`,
    );
    this.addSql(`create index "access_tokens_expires_at_index" on "access_tokens" ("expires_at");`);

    this.addSql(
      `alter table "access_tokens" add constraint "access_tokens_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(notifier("notify_deleted_access_tokens", "select distinct user_id from old_rows"));
    // A use changes neither the digest nor the scopes nor shortens the life: it sends nothing.
    this.addSql(
      notifier(
        "notify_changed_access_tokens",
        `select distinct old_rows.user_id from old_rows left join new_rows on new_rows.id = old_rows.id
         where new_rows.id is null
            or new_rows.user_id <> old_rows.user_id
            or new_rows.digest <> old_rows.digest
            or new_rows.scopes <> old_rows.scopes
            or new_rows.expires_at < old_rows.expires_at`,
      ),
    );
    this.addSql(
      `create trigger access_tokens_deleted after delete on access_tokens referencing old table as old_rows
       for each statement execute function notify_deleted_access_tokens();`,
    );
    this.addSql(
      `create trigger access_tokens_changed after update on access_tokens
       referencing old table as old_rows new table as new_rows
       for each statement execute function notify_changed_access_tokens();`,
    );
    this.addSql(
      `create trigger access_tokens_truncated after truncate on access_tokens
       for each statement execute function notify_truncated();`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "access_tokens" cascade;`);
    for (const name of ["changed", "deleted"]) this.addSql(`drop function notify_${name}_access_tokens();`);
  }
}
