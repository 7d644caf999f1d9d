// A task of a project. `doneAt` is in no field: clients read `isDone`.
import { Field, GraphQLDateTime, ID, ObjectType, uuidv7 } from "graphward";
import { User } from "graphward/entities";
import { defineEntity, type Opt, p } from "graphward/orm";
import { Project } from "./project.ts";

const TaskSchema = defineEntity({
  name: "Task",
  tableName: "tasks",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    project: () => p.manyToOne(Project).deleteRule("cascade"),
    title: p.text(),
    doneAt: p.datetime().columnType("timestamptz").nullable(),
    // The task stays when its assignee deletes the account.
    assignee: () => p.manyToOne(User).nullable().deleteRule("set null").index(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
  // As `tasks` reads a page.
  indexes: [{ properties: ["project", "id"] }],
});

@ObjectType({ description: "Something that a project has to do." })
export class Task extends TaskSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String)
  declare title: string;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;
}

TaskSchema.setClass(Task);
