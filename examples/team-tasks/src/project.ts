// A project: its members share its tasks.
import { Field, GraphQLDateTime, ID, ObjectType, uuidv7 } from "graphward";
import { defineEntity, type Opt, p } from "graphward/orm";
import { Member } from "./member.ts";

const ProjectSchema = defineEntity({
  name: "Project",
  tableName: "projects",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    name: p.text(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
    members: () => p.oneToMany(Member).mappedBy("project"),
  },
});

@ObjectType({ description: "Tasks that its members share. Nobody else learns that it is there." })
export class Project extends ProjectSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String)
  declare name: string;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;
}

ProjectSchema.setClass(Project);
