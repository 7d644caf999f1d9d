import { Migration } from "graphward/orm";

export class Migration20261128092615_tasks extends Migration {
  override name = "Migration20261128092615_tasks";

  override up(): void | Promise<void> {
    this.addSql(
      `create table "projects" ("id" uuid not null, "name" text not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );

    this.addSql(
      `create table "tasks" ("id" uuid not null, "project_id" uuid not null, "title" text not null, "done_at" timestamptz null, "assignee_id" uuid null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "tasks_assignee_id_index" on "tasks" ("assignee_id");`);
    this.addSql(`create index "tasks_project_id_id_index" on "tasks" ("project_id", "id");`);

    this.addSql(
      `create table "members" ("id" uuid not null, "project_id" uuid not null, "user_id" uuid not null, "is_owner" boolean not null default false, primary key ("id"));`,
    );
    this.addSql(`create index "members_user_id_index" on "members" ("user_id");`);
    this.addSql(
      `alter table "members" add constraint "members_project_id_user_id_unique" unique ("project_id", "user_id");`,
    );

    this.addSql(
      `alter table "tasks" add constraint "tasks_project_id_foreign" foreign key ("project_id") references "projects" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "tasks" add constraint "tasks_assignee_id_foreign" foreign key ("assignee_id") references ${this.graphward}."users" ("id") on delete set null;`,
    );

    this.addSql(
      `alter table "members" add constraint "members_project_id_foreign" foreign key ("project_id") references "projects" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "members" add constraint "members_user_id_foreign" foreign key ("user_id") references ${this.graphward}."users" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "tasks" drop constraint "tasks_project_id_foreign";`);
    this.addSql(`alter table "members" drop constraint "members_project_id_foreign";`);

    this.addSql(`drop table if exists "projects" cascade;`);
    this.addSql(`drop table if exists "tasks" cascade;`);
    this.addSql(`drop table if exists "members" cascade;`);
  }
}
