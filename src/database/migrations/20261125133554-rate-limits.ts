import { Migration } from "@mikro-orm/migrations";

export class Migration20261125133554_rate_limits extends Migration {
  override name = "Migration20261125133554_rate_limits";

  override up(): void | Promise<void> {
    // Unlogged: a charge then waits for no disk. After a crash of PostgreSQL all counts begin anew, which no client can bring about.
    this.addSql(
      `create unlogged table "rate_limits" ("key" text not null, "points" int not null, "expires_at" timestamptz not null, primary key ("key"));`,
    );
    this.addSql(`create index "rate_limits_expires_at_index" on "rate_limits" ("expires_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "rate_limits" cascade;`);
  }
}
