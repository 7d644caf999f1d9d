import { Migration } from "@mikro-orm/migrations";

export class Migration20261125043608_audit_events extends Migration {
  override name = "Migration20261125043608_audit_events";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "audit_anchors" ("sequence" bigint not null, "mac" bytea not null, "sealed_at" timestamptz(3) not null, "seal" bytea not null, primary key ("sequence"));`,
    );

    this.addSql(
      `create table "audit_events" ("id" bigserial primary key, "at" timestamptz(3) not null default clock_timestamp(), "type" text not null, "user_id" uuid null, "actor_id" uuid null, "session_id" uuid null, "details" jsonb not null default '{}', "ip_address" text null, "user_agent" text null, "personal" jsonb null, "window_key" text null, "sequence" bigint null, "sealed_at" timestamptz(3) null, "mac" bytea null, "client_salt" bytea null, "client_commitment" bytea null, "personal_salt" bytea null, "personal_commitment" bytea null);`,
    );
    this.addSql(
      `alter table "audit_events" add constraint "audit_events_sequence_unique" unique ("sequence");`,
    );
    this.addSql(`create index "audit_events_user_id_id_index" on "audit_events" ("user_id", "id");`);
    this.addSql(`create index "audit_events_type_id_index" on "audit_events" ("type", "id");`);
    this.addSql(
      `create index "audit_events_user_id_type_id_index" on "audit_events" ("user_id", "type", "id");`,
    );
    this.addSql(`create index "audit_events_actor_id_index" on "audit_events" ("actor_id");`);
    this.addSql(
      `create index "audit_events_unsealed_index" on "audit_events" ("id") where "sequence" is null;`,
    );
    this.addSql(
      `create unique index "audit_events_window_key_unique" on "audit_events" ("window_key") where "window_key" is not null;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "audit_anchors" cascade;`);
    this.addSql(`drop table if exists "audit_events" cascade;`);
  }
}
