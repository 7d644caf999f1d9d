import { Migration } from "@mikro-orm/migrations";

export class Migration20261123211253_users_and_sessions extends Migration {
  override name = "Migration20261123211253_users_and_sessions";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "users" ("id" uuid not null, "username" text not null, "canonical_username" text not null, "email" text null, "canonical_email" text null, "password_hash" text null, "roles" text[] not null default '{}', "is_active" boolean not null default true, "email_verified_at" timestamptz null, "last_login_at" timestamptz null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "users" add constraint "users_canonical_username_unique" unique ("canonical_username");`,
    );
    this.addSql(
      `alter table "users" add constraint "users_canonical_email_unique" unique ("canonical_email");`,
    );

    this.addSql(
      `create table "sessions" ("id" uuid not null, "user_id" uuid not null, "cookie_digest" bytea null, "token_digest" bytea null, "user_agent" text null, "ip_address" text null, "created_at" timestamptz not null default now(), "last_used_at" timestamptz not null default now(), "authenticated_at" timestamptz not null default now(), "idle_expires_at" timestamptz not null, "absolute_expires_at" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "sessions_user_id_index" on "sessions" ("user_id");`);
    this.addSql(
      `alter table "sessions" add constraint "sessions_cookie_digest_unique" unique ("cookie_digest");`,
    );
    this.addSql(
      `alter table "sessions" add constraint "sessions_token_digest_unique" unique ("token_digest");`,
    );

    this.addSql(
      `alter table "sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "sessions" drop constraint "sessions_user_id_foreign";`);

    this.addSql(`drop table if exists "users" cascade;`);
    this.addSql(`drop table if exists "sessions" cascade;`);
  }
}
