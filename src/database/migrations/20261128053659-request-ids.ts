import { Migration } from "@mikro-orm/migrations";

export class Migration20261128053659_request_ids extends Migration {
  override name = "Migration20261128053659_request_ids";

  override up(): void | Promise<void> {
    this.addSql(`alter table "audit_events" add "request_id" text null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "audit_events" drop column "request_id";`);
  }
}
