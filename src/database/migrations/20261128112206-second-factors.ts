import { Migration } from "@mikro-orm/migrations";

/** Beyond this many users of one statement, one notice for all: a payload never grows, nor does their number. */
const usersAtMost = 100;

/** The channel of the table's schema: two environments in one database do not hear each other. */
const channel = "tg_table_schema || '_revocations'";

/** What servers remember of a user. */
const remembered = [
  "is_active",
  "roles",
  "username",
  "email",
  "pending_email",
  "email_verified_at",
  "display_name",
  "locale",
];
/** Whether the user has a second factor is remembered too. */
const rememberedSince = [...remembered, "factor_epoch"];

const notifier = (columns: readonly string[]): string => `
  create or replace function notify_changed_users() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(
      select old_rows.id from old_rows left join new_rows on new_rows.id = old_rows.id
      where new_rows.id is null
         or ${columns.map((column) => `new_rows.${column} is distinct from old_rows.${column}`).join(" or ")});
    if cardinality(user_ids) > ${usersAtMost} then
      perform pg_notify(${channel}, '*');
    else
      perform pg_notify(${channel}, user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;`;

export class Migration20261128112206_second_factors extends Migration {
  override name = "Migration20261128112206_second_factors";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "trusted_browsers" ("id" uuid not null, "user_id" uuid not null, "digest" bytea not null, "generation" int not null, "factor_epoch" int not null, "user_agent" text null, "ip_address" text null, "created_at" timestamptz not null default now(), "last_used_at" timestamptz not null default now(), "expires_at" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "trusted_browsers_user_id_index" on "trusted_browsers" ("user_id");`);
    this.addSql(
      `alter table "trusted_browsers" add constraint "trusted_browsers_digest_unique" unique ("digest");`,
    );
    this.addSql(`create index "trusted_browsers_expires_at_index" on "trusted_browsers" ("expires_at");`);

    this.addSql(
      `create table "totp_factors" ("user_id" uuid not null, "sealed_secret" bytea null, "confirmed_at" timestamptz null, "last_step" bigint not null default '0', "last_used_at" timestamptz null, "pending_sealed_secret" bytea null, "pending_until" timestamptz null, primary key ("user_id"));`,
    );

    this.addSql(
      `create table "recovery_codes" ("user_id" uuid not null, "digest" bytea not null, "created_at" timestamptz not null default now(), primary key ("user_id", "digest"));`,
    );

    this.addSql(
      `create table "proof_challenges" ("id" uuid not null, "purpose" text not null, "digest" bytea null, "browser_digest" bytea null, "user_id" uuid null, "session_id" uuid null, "generation" int null, "first_proof" text null, "wants_cookie" boolean not null default false, "wants_token" boolean not null default false, "passkey_challenge" bytea null, "user_handle" bytea null, "code_digest" bytea null, "sent_to" text null, "tries" int not null default 0, "expires_at" timestamptz not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(
      `alter table "proof_challenges" add constraint "proof_challenges_digest_unique" unique ("digest");`,
    );
    this.addSql(
      `create index "proof_challenges_browser_digest_index" on "proof_challenges" ("browser_digest");`,
    );
    this.addSql(`create index "proof_challenges_user_id_index" on "proof_challenges" ("user_id");`);
    this.addSql(`create index "proof_challenges_session_id_index" on "proof_challenges" ("session_id");`);
    this.addSql(`create index "proof_challenges_expires_at_index" on "proof_challenges" ("expires_at");`);

    this.addSql(
      `create table "passkeys" ("id" uuid not null, "user_id" uuid not null, "credential_id" bytea not null, "public_key" bytea not null, "user_handle" bytea not null, "counter" bigint not null default '0', "transports" text[] not null default '{}', "backup_eligible" boolean not null, "backed_up" boolean not null, "name" text not null, "created_at" timestamptz not null default now(), "last_used_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "passkeys_user_id_index" on "passkeys" ("user_id");`);
    this.addSql(
      `alter table "passkeys" add constraint "passkeys_credential_id_unique" unique ("credential_id");`,
    );

    this.addSql(`alter table "users" add "factor_epoch" int not null default 0;`);

    this.addSql(`alter table "sessions" add "second_factor_at" timestamptz null;`);
    this.addSql(notifier(rememberedSince));

    this.addSql(
      `alter table "trusted_browsers" add constraint "trusted_browsers_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "totp_factors" add constraint "totp_factors_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "totp_factors" add constraint "totp_factors_confirmed_check" check (("confirmed_at" is null) = ("sealed_secret" is null));`,
    );

    this.addSql(
      `alter table "recovery_codes" add constraint "recovery_codes_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "proof_challenges" add constraint "proof_challenges_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "proof_challenges" add constraint "proof_challenges_session_id_foreign" foreign key ("session_id") references "sessions" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "passkeys" add constraint "passkeys_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(notifier(remembered));
    this.addSql(`drop table if exists "trusted_browsers" cascade;`);
    this.addSql(`drop table if exists "totp_factors" cascade;`);
    this.addSql(`drop table if exists "recovery_codes" cascade;`);
    this.addSql(`drop table if exists "proof_challenges" cascade;`);
    this.addSql(`drop table if exists "passkeys" cascade;`);

    this.addSql(`alter table "sessions" drop column "second_factor_at";`);

    this.addSql(`alter table "users" drop column "factor_epoch";`);
  }
}
