import { Migration } from "@mikro-orm/migrations";

export class Migration20261128045209_checks_in_flight extends Migration {
  override name = "Migration20261128045209_checks_in_flight";

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "rate_limits" add "in_flight" int not null default 0, add "in_flight_until" timestamptz null;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "rate_limits" drop column "in_flight", drop column "in_flight_until";`);
  }
}
