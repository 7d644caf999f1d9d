// Texts that a user keeps. Each is its owner's alone.
import {
  Arg,
  type BrokenRule,
  badUserInput,
  brokenRule,
  type Context,
  Ctx,
  CurrentViewer,
  Field,
  GraphQLDateTime,
  ID,
  isUuid,
  Mutation,
  notFound,
  ObjectType,
  Query,
  Resolver,
  uuidv7,
  type Viewer,
} from "graphward";
import { User } from "graphward/entities";
import { defineEntity, type Opt, p } from "graphward/orm";

const maxNotes = 100;
const maxCharacters = 10_000;

const NoteSchema = defineEntity({
  name: "Note",
  tableName: "notes",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    owner: () => p.manyToOne(User).deleteRule("cascade").index(),
    text: p.text(),
    createdAt: p.datetime().columnType("timestamptz").defaultRaw("now()"),
  },
});

@ObjectType({ description: "A text that only its owner sees." })
export class Note extends NoteSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String)
  declare text: string;

  @Field(() => GraphQLDateTime)
  declare createdAt: Opt<Date>;
}

NoteSchema.setClass(Note);

@ObjectType()
class CreateNotePayload {
  @Field(() => Note)
  note!: Note;
}

@ObjectType()
class DeleteNotePayload {
  @Field(() => ID)
  id!: string;
}

@Resolver()
export class NoteResolver {
  @Query(() => [Note], { nullable: true, description: "The viewer's hundred newest notes, newest first." })
  notes(@CurrentViewer() viewer: Viewer, @Ctx() { em }: Context) {
    const order = { createdAt: "desc", id: "desc" } as const;
    return em.find(Note, { owner: viewer.userId }, { orderBy: order, limit: maxNotes });
  }

  @Mutation(() => CreateNotePayload, { nullable: true })
  async createNote(
    @Arg("text", () => String) text: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: Context,
  ): Promise<CreateNotePayload> {
    const problem = findTextProblem(text);
    if (problem) throw badUserInput([problem]);
    const note = em.create(Note, { owner: viewer.userId, text });
    await em.flush();
    return { note };
  }

  @Mutation(() => DeleteNotePayload, { nullable: true })
  async deleteNote(
    @Arg("id", () => ID) id: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: Context,
  ): Promise<DeleteNotePayload> {
    // An ID is any text: PostgreSQL would fail on one that is no UUID.
    const deleted = isUuid(id) ? await em.nativeDelete(Note, { id, owner: viewer.userId }) : 0;
    // Somebody else's note answers as one that is not there, or the answer would tell that it is.
    if (deleted === 0) throw notFound();
    return { id };
  }
}

const findTextProblem = (text: string): BrokenRule | null => {
  if (text === "") return brokenRule("text", "required", "A note has a text.");
  if ([...text].length > maxCharacters)
    return brokenRule("text", "max_length", `A note has at most ${maxCharacters} characters.`);
  return null;
};
