import { afterAll, beforeAll, expect, test } from "vitest";
import { User as UserType } from "../../src/package/entities.ts";
import {
  type Context,
  Ctx,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  OwnOr,
  Public,
  Query,
  Resolver,
  Root,
  Scope,
  ShownToOthers,
} from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import { Client, logInAs } from "../harness/client.ts";
import type { App, User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { UpdateProfileDocument } from "../operations/generated/graphql.ts";
import { Note } from "./notes.ts";

@ObjectType()
class Task {
  @Field(() => ID)
  id!: string;
  @Field(() => UserType)
  assignee!: unknown;
}

/** A type of the application's own that belongs to a user. */
@OwnOr<Draft>("drafts:moderate", { scope: "drafts:read", ownerOf: ({ authorId }) => authorId })
@ObjectType()
class Draft {
  authorId!: string;
  @ShownToOthers()
  @Field(() => UserType, { nullable: true })
  author!: unknown;
  @Field(() => String, { nullable: true })
  text!: string | null;
}

@Resolver(() => UserType)
class TaskResolver {
  @Public()
  @Scope("tasks:read")
  @Query(() => [Task])
  async tasks(@Ctx() { em }: Context) {
    const notes = await em.find(Note, {}, { populate: ["owner"], orderBy: { id: "asc" } });
    return notes.map(({ id, owner }) => ({ id, assignee: owner }));
  }

  @Public()
  @Query(() => [Draft])
  async drafts(@Ctx() { em }: Context) {
    const users = await em.find(UserType, {}, { orderBy: { id: "asc" } });
    return users.map((author) => ({ authorId: author.id, author, text: "a draft" }));
  }

  @FieldResolver(() => String, { nullable: true })
  badge(@Root() { id }: { readonly id: string }) {
    return `badge of ${id}`;
  }
}

let app: App;
let member: User;
let administrator: User;
beforeAll(async () => {
  app = await startApplication({
    entities: [Note],
    resolvers: [TaskResolver],
    migrations: new URL("./migrations/", import.meta.url),
  });
  administrator = await app.createUser({ email: "ada@users.example", roles: ["ADMIN"] });
  member = await app.createUser({ email: "mary@users.example" });
  const em = app.server.database.orm.em.fork();
  for (const { id } of [administrator, member]) em.create(Note, { owner: id, text: "a note" });
  await em.flush();
  await (await logInAs(app, administrator)).run(UpdateProfileDocument, { displayName: "Ada the First" });
});
afterAll(() => app.close());

const hidden = {
  email: null,
  roles: null,
  permissions: null,
  isActive: null,
  createdAt: null,
  lastLoginAt: null,
  emailVerified: null,
  newDeviceMail: null,
  locale: null,
  impersonatedBy: null,
  badge: null,
};
const fields = ["id", "username", "displayName", ...Object.keys(hidden)].join(" ");

type Shown = Readonly<Record<string, unknown>>;

/** The administrator and the member, as the caller sees them. */
const assigneesFor = async (client: Client) => {
  const answer = await client.run<{ tasks: { assignee: Shown }[] }>(`{ tasks { assignee { ${fields} } } }`);
  expect(answer.codes).toEqual([]);
  return answer.data?.tasks.map(({ assignee }) => assignee) ?? [];
};

const publicOf = ({ id, username }: User, displayName: string | null = null) => ({
  ...hidden,
  id,
  username,
  displayName,
});

test("a nested user is id, username and displayName to a member and to strangers, without an error", async () => {
  const ada = publicOf(administrator, "Ada the First");
  expect(await assigneesFor(new Client(app))).toEqual([ada, publicOf(member)]);
  const [other, own] = await assigneesFor(await logInAs(app, member));
  expect(other).toEqual(ada);
  expect(own).toMatchObject({
    email: "mary@users.example",
    roles: [],
    isActive: true,
    newDeviceMail: true,
    badge: `badge of ${member.id}`,
  });
});

test("an administrator sees the rest, but what is a user's alone", async () => {
  const [, other] = await assigneesFor(await logInAs(app, administrator));
  expect(other).toMatchObject({
    email: "mary@users.example",
    permissions: [],
    lastLoginAt: expect.any(String),
    newDeviceMail: null,
    badge: `badge of ${member.id}`,
  });
});

test("an administrator's access token sees of users what its scopes show", async () => {
  const scoped = async (...scopes: string[]) =>
    assigneesFor((await createScript(app, administrator, scopes)).client);
  expect(await scoped("tasks:read")).toEqual([publicOf(administrator, "Ada the First"), publicOf(member)]);
  const [own, other] = await scoped("tasks:read", "profile:read");
  expect([own?.email, other?.email]).toEqual(["ada@users.example", null]);
  const [, read] = await scoped("tasks:read", "users:read");
  expect(read?.email).toBe("mary@users.example");
});

test("the application's own type shows its owner what it hides from others", async () => {
  const draftsFor = async (client: Client) => {
    const { data } = await client.run<{ drafts: Shown[] }>("{ drafts { author { username email } text } }");
    return data?.drafts;
  };
  const [ada, mary] = [administrator, member].map(({ username }) => ({ username, email: null }));
  expect(await draftsFor(new Client(app))).toEqual([
    { author: ada, text: null },
    { author: mary, text: null },
  ]);
  expect(await draftsFor(await logInAs(app, member))).toEqual([
    { author: ada, text: null },
    { author: { ...mary, email: "mary@users.example" }, text: "a draft" },
  ]);
});
