import { Migration } from "@mikro-orm/migrations";

export class Migration20261125131930_roles extends Migration {
  override name = "Migration20261125131930_roles";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "roles" ("name" text not null, "permissions" text[] not null default '{}', "created_at" timestamptz not null default now(), primary key ("name"));`,
    );
    // Whoever holds the role: a role is changed seldom, and one notice for all is enough.
    this.addSql(
      `create trigger roles_changed after insert or update or delete or truncate on roles
       for each statement execute function notify_truncated();`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "roles" cascade;`);
  }
}
