import { Migration } from "@mikro-orm/migrations";

export class Migration20261125132857_known_devices extends Migration {
  override name = "Migration20261125132857_known_devices";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "known_devices" ("user_id" uuid not null, "digest" bytea not null, "last_seen_at" timestamptz not null default now(), primary key ("user_id", "digest"));`,
    );
    this.addSql(`create index "known_devices_last_seen_at_index" on "known_devices" ("last_seen_at");`);

    this.addSql(`alter table "users" add "new_device_mail" boolean not null default true;`);

    this.addSql(
      `alter table "known_devices" add constraint "known_devices_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "known_devices" cascade;`);

    this.addSql(`alter table "users" drop column "new_device_mail";`);
  }
}
