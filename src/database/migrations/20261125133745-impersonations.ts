import { Migration } from "@mikro-orm/migrations";

export class Migration20261125133745_impersonations extends Migration {
  override name = "Migration20261125133745_impersonations";

  override up(): void | Promise<void> {
    this.addSql(`alter table "sessions" add "actor_session_id" uuid null;`);
    this.addSql(
      `alter table "sessions" add constraint "sessions_actor_session_id_foreign" foreign key ("actor_session_id") references "sessions" ("id") on delete cascade;`,
    );
    this.addSql(
      `create unique index "sessions_actor_session_id_unique" on "sessions" ("actor_session_id") where "actor_session_id" is not null;`,
    );
    this.addSql(
      `alter table "sessions" add constraint "sessions_impersonation_check" check ("actor_session_id" is null or "cookie_digest" is null);`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "sessions" drop constraint "sessions_actor_session_id_foreign";`);

    this.addSql(`drop index "sessions_actor_session_id_unique";`);
    this.addSql(`alter table "sessions" drop constraint "sessions_impersonation_check";`);
    this.addSql(`alter table "sessions" drop column "actor_session_id";`);
  }
}
