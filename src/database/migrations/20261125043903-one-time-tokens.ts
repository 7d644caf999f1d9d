import { Migration } from "@mikro-orm/migrations";

export class Migration20261125043903_one_time_tokens extends Migration {
  override name = "Migration20261125043903_one_time_tokens";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "one_time_tokens" ("id" uuid not null, "purpose" text not null, "digest" bytea not null, "user_id" uuid not null, "sent_to" text not null, "expires_at" timestamptz not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "one_time_tokens" add constraint "one_time_tokens_digest_unique" unique ("digest");`,
    );
    this.addSql(`create index "one_time_tokens_user_id_index" on "one_time_tokens" ("user_id");`);
    this.addSql(`create index "one_time_tokens_expires_at_index" on "one_time_tokens" ("expires_at");`);

    this.addSql(
      `alter table "one_time_tokens" add constraint "one_time_tokens_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "one_time_tokens" cascade;`);
  }
}
