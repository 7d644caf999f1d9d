import { Migration } from "@mikro-orm/migrations";

export class Migration20261125070312_pending_email extends Migration {
  override name = "Migration20261125070312_pending_email";

  override up(): void | Promise<void> {
    this.addSql(`alter table "users" add "pending_email" text null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "users" drop column "pending_email";`);
  }
}
