// A member of a project.
import { Field, ID, ObjectType, uuidv7 } from "graphward";
import { User } from "graphward/entities";
import { defineEntity, type Opt, p } from "graphward/orm";
import { Project } from "./project.ts";

export const maxMembers = 50;

const MemberSchema = defineEntity({
  name: "Member",
  tableName: "members",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    project: () => p.manyToOne(Project).deleteRule("cascade"),
    user: () => p.manyToOne(User).deleteRule("cascade").index(),
    isOwner: p.boolean().default(false),
  },
  uniques: [{ properties: ["project", "user"] }],
});

@ObjectType({ description: "A user in a project." })
export class Member extends MemberSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => Boolean)
  declare isOwner: Opt<boolean>;
}

MemberSchema.setClass(Member);
