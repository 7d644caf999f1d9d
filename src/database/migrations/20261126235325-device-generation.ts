import { Migration } from "@mikro-orm/migrations";

export class Migration20261126235325_device_generation extends Migration {
  override name = "Migration20261126235325_device_generation";

  override up(): void | Promise<void> {
    this.addSql(`alter table "users" add "device_generation" int not null default 0;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "users" drop column "device_generation";`);
  }
}
