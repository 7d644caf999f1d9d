import { Migration } from "@mikro-orm/migrations";

export class Migration20261128124433_identities extends Migration {
  override name = "Migration20261128124433_identities";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "provider_logins" ("id" uuid not null, "state_digest" bytea not null, "browser_digest" bytea not null, "provider" text not null, "sealed_secrets" bytea not null, "user_id" uuid null, "session_id" uuid null, "return_to" text not null, "app_challenge" bytea null, "expires_at" timestamptz not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "provider_logins" add constraint "provider_logins_state_digest_unique" unique ("state_digest");`,
    );
    this.addSql(`create index "provider_logins_user_id_index" on "provider_logins" ("user_id");`);
    this.addSql(`create index "provider_logins_session_id_index" on "provider_logins" ("session_id");`);
    this.addSql(`create index "provider_logins_expires_at_index" on "provider_logins" ("expires_at");`);

    this.addSql(
      `create table "identities" ("id" uuid not null, "user_id" uuid not null, "provider" text not null, "issuer" text not null, "subject" text not null, "email" text null, "linked_at" timestamptz not null default now(), "last_used_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "identities_user_id_index" on "identities" ("user_id");`);
    this.addSql(
      `alter table "identities" add constraint "identities_issuer_subject_unique" unique ("issuer", "subject");`,
    );

    this.addSql(
      `alter table "provider_logins" add constraint "provider_logins_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "provider_logins" add constraint "provider_logins_session_id_foreign" foreign key ("session_id") references "sessions" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "identities" add constraint "identities_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "provider_logins" cascade;`);
    this.addSql(`drop table if exists "identities" cascade;`);
  }
}
