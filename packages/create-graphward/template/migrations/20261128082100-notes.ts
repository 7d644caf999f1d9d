import { Migration } from "graphward/orm";

export class Migration20261128082100_notes extends Migration {
  override name = "Migration20261128082100_notes";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "notes" ("id" uuid not null, "owner_id" uuid not null, "text" text not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "notes_owner_id_index" on "notes" ("owner_id");`);

    this.addSql(
      `alter table "notes" add constraint "notes_owner_id_foreign" foreign key ("owner_id") references ${this.graphward}."users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "notes" cascade;`);
  }
}
