import { Migration } from "@mikro-orm/migrations";

export class Migration20261128051518_username_skeletons extends Migration {
  override name = "Migration20261128051518_username_skeletons";

  override up(): void | Promise<void> {
    this.addSql(`alter table "users" add "username_skeleton" text null;`);
    this.addSql(
      `alter table "users" add constraint "users_username_skeleton_unique" unique ("username_skeleton");`,
    );

    this.addSql(`alter table "reserved_usernames" add "skeleton_digest" bytea null;`);
    this.addSql(
      `create index "reserved_usernames_skeleton_digest_index" on "reserved_usernames" ("skeleton_digest");`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "reserved_usernames_skeleton_digest_index";`);
    this.addSql(`alter table "reserved_usernames" drop column "skeleton_digest";`);

    this.addSql(`alter table "users" drop constraint "users_username_skeleton_unique";`);
    this.addSql(`alter table "users" drop column "username_skeleton";`);
  }
}
