// The base class of an application's migrations.
import { Migration as MikroMigration } from "@mikro-orm/migrations";

export abstract class Migration extends MikroMigration {
  /** The schema of Graphward's tables, quoted: `references ${this.graphward}."users" ("id")`. */
  protected get graphward(): string {
    return this.config.getPlatform().quoteIdentifier(this.config.get("schema") ?? "graphward");
  }
}
