// The application of these tests: notes, each its owner's alone.
import { User } from "../../src/package/entities.ts";
import {
  Arg,
  addJob,
  type Context,
  Ctx,
  CurrentViewer,
  Field,
  hasPermission,
  ID,
  Int,
  Mutation,
  notFound,
  ObjectType,
  Public,
  Query,
  Resolver,
  Scope,
  uuidv7,
  type Viewer,
} from "../../src/package/index.ts";
import { defineEntity, p } from "../../src/package/orm.ts";

export const NoteSchema = defineEntity({
  name: "Note",
  tableName: "notes",
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => uuidv7()),
    owner: () => p.manyToOne(User).deleteRule("cascade").index(),
    text: p.text(),
  },
});

@ObjectType()
export class Note extends NoteSchema.class {
  @Field(() => ID)
  declare id: string;

  @Field(() => String)
  declare text: string;
}

NoteSchema.setClass(Note);

export interface NoteContext extends Context {
  readonly counter: { ask(): Promise<string> };
  readonly ofToken?: { ask(): Promise<string> };
}

@Resolver()
export class NoteResolver {
  @Query(() => [Note], { nullable: true })
  notes(@CurrentViewer() viewer: Viewer, @Ctx() { em }: Context) {
    return em.find(Note, { owner: viewer.userId }, { orderBy: { id: "asc" }, limit: 100 });
  }

  @Query(() => Int, { nullable: true })
  async countNotes(@CurrentViewer() viewer: Viewer, @Ctx() { em }: Context) {
    if (!hasPermission(viewer, "notes:count")) throw notFound();
    return em.count(Note);
  }

  @Mutation(() => Note, { nullable: true })
  async createNote(
    @Arg("text", () => String) text: string,
    @CurrentViewer() viewer: Viewer,
    @Ctx() { em }: Context,
  ) {
    return em.transactional(async (transaction) => {
      const note = transaction.create(Note, { owner: viewer.userId, text });
      await addJob(transaction, "note-written", { text });
      if (text === "thrown away") throw notFound();
      return note;
    });
  }

  /** Who the context is for, which a token without the scope must not learn. */
  @Public()
  @Scope("notes:read")
  @Query(() => String)
  whoAsks(@Ctx() { counter }: NoteContext) {
    return counter.ask();
  }

  @Public()
  @Scope("notes:read")
  @Query(() => String)
  whoseToken(@Ctx() { ofToken }: NoteContext) {
    return ofToken?.ask() ?? "nobody";
  }

  @Public()
  @Query(() => String)
  setting(@Ctx() { settings, log }: Context) {
    log.info({ note: "from the application" }, "setting read");
    return String(settings.NOTE_COLOUR);
  }
}
