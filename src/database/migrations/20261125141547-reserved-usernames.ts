import { Migration } from "@mikro-orm/migrations";

export class Migration20261125141547_reserved_usernames extends Migration {
  override name = "Migration20261125141547_reserved_usernames";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "reserved_usernames" ("digest" bytea not null, "user_id" uuid null, "reserved_until" timestamptz not null, primary key ("digest"));`,
    );
    this.addSql(`create index "reserved_usernames_user_id_index" on "reserved_usernames" ("user_id");`);
    this.addSql(
      `create index "reserved_usernames_reserved_until_index" on "reserved_usernames" ("reserved_until");`,
    );

    this.addSql(
      `alter table "reserved_usernames" add constraint "reserved_usernames_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete set null;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "reserved_usernames" cascade;`);
  }
}
