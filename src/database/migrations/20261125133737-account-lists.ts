import { Migration } from "@mikro-orm/migrations";

/** The ranges that lists are read by: whatever is asked for, the rows lie side by side in one of these, in order. */
const listIndexes = ["users", "role_members"].flatMap((table) => {
  const narrowing = `${table === "users" ? "" : "role, "}is_active, (email_verified_at is not null)`;
  return [
    `create index ${table}_newest_index on ${table} (${narrowing}, id);`,
    `create index ${table}_usernames_index on ${table} (${narrowing}, (canonical_username collate "C"));`,
    `create index ${table}_addresses_index on ${table} (${narrowing}, (canonical_email collate "C"));`,
  ];
});

const copied = ["is_active", "email_verified_at", "canonical_username", "canonical_email"] as const;

export class Migration20261125133737_account_lists extends Migration {
  override name = "Migration20261125133737_account_lists";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "role_members" ("id" uuid not null, "role" text not null, "is_active" boolean not null, "email_verified_at" timestamptz null, "canonical_username" text not null, "canonical_email" text null, primary key ("id", "role"));`,
    );
    this.addSql(
      `alter table "role_members" add constraint "role_members_id_foreign" foreign key ("id") references "users" ("id") on delete cascade;`,
    );

    const columns = copied.join(", ");
    this.addSql(
      `insert into role_members (id, role, ${columns})
       select distinct id, role, ${columns} from users, unnest(roles) as role;`,
    );
    for (const index of listIndexes) this.addSql(index);

    this.addSql(
      `create function copy_role_members() returns trigger language plpgsql as $$
       begin
         delete from role_members where id = new.id;
         insert into role_members (id, role, ${columns})
         select distinct new.id, role, ${copied.map((column) => `new.${column}`).join(", ")} from unnest(new.roles) as role;
         return null;
       end $$;`,
    );
    this.addSql(
      `create trigger role_members_added after insert on users
       for each row when (new.roles <> '{}') execute function copy_role_members();`,
    );
    // Named columns: a login, which updates others, does not even ask.
    this.addSql(
      `create trigger role_members_changed after update of roles, ${columns} on users
       for each row when (new.roles <> '{}' or old.roles <> '{}') execute function copy_role_members();`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql("drop trigger role_members_changed on users;");
    this.addSql("drop trigger role_members_added on users;");
    this.addSql("drop function copy_role_members();");
    for (const name of ["newest", "usernames", "addresses"]) this.addSql(`drop index users_${name}_index;`);
    this.addSql(`drop table if exists "role_members" cascade;`);
  }
}
