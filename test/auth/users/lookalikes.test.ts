import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashPassword } from "../../../src/auth/passwords/hash.ts";
import { fillMissingSkeletons } from "../../../src/auth/users/missing-skeletons.ts";
import { type Answer, Client, logInAs, wholeOf } from "../../harness/client.ts";
import { until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp } from "../../harness/server.ts";
import {
  ChangeUsernameDocument,
  CreateUserDocument,
  LogInDocument,
  RegisterDocument,
  UpdateUserDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const password = "a quiet tram at dawn";
const newEmail = () => `${randomBytes(6).toString("hex")}@example.org`;
const ruleOf = ({ errors, codes }: Answer<unknown>): string => {
  const [field] = (errors[0]?.extensions.fields ?? []) as readonly { rule: string }[];
  return field?.rule ?? codes[0] ?? "done";
};
const register = (username: string) =>
  new Client(app).run(RegisterDocument, { input: { username, email: newEmail(), password } });
const create = (username: string) =>
  graphward(["user", "create", "--username", username, "--password-stdin"], { on: app, input: password });

/** As a server of an older version has stored it. */
const insertOld = async (username: string) => {
  const id = uuidv7();
  const canonical_username = username.toLowerCase();
  const password_hash = await hashPassword(password);
  await app.database
    .insertInto("users")
    .values({ id, username, canonical_username, password_hash })
    .execute();
  return id;
};
const skeletonOf = async (id: string) => {
  const user = app.database.selectFrom("users").select("username_skeleton").where("id", "=", id);
  return (await user.executeTakeFirstOrThrow()).username_skeleton;
};

describe("a name of letters of several scripts", () => {
  test.each([
    ["p\u0430ypal", "one Cyrillic letter"],
    ["\u0430dmin", "a Cyrillic beginning"],
    ["\u03c1aypal", "a Greek letter"],
    ["go\u0585gle", "an Armenian letter"],
    ["p\u{1d18}ay\u0430", "small capitals and Cyrillic"],
    ["\u{10900}\u{10901}", "a script that nobody writes today"],
  ])("is refused everywhere: %s, %s", async (username) => {
    const user = await app.createUser();
    const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    const input = { username, email: newEmail() };
    expect(ruleOf(await register(username))).toBe("script");
    expect(ruleOf(await administrator.run(CreateUserDocument, { input }))).toBe("script");
    const { id } = user;
    expect(ruleOf(await administrator.run(UpdateUserDocument, { id, input: { username } }))).toBe("script");
    expect(ruleOf(await (await logInAs(app, user)).run(ChangeUsernameDocument, { username }))).toBe("script");
  });

  test("is refused by the command line", async () => {
    const { status, stderr } = await create("p\u0430yments");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining("A username must be written in one script."),
    ]);
  });

  test.each([
    "\u6771\u4eactokyo-1",
    "\u3072\u3089\u30ab\u30bf\u6f22\u5b57",
    "\ud55c\uad6dkr",
    "\u043f\u0440\u0438\u0432\u0435\u0442_2",
    "\u0928\u092e\u0938\u094d\u0924\u0947",
    "\u05e9\u05dc\u05d5\u05dd",
  ])("is none, where people write so: %s", async (username) => {
    expect(ruleOf(await register(username))).toBe("done");
    const login = await new Client(app).run(LogInDocument, { username, password });
    expect(login.codes).toEqual([]);
  });

  test("keeps its login when it is older than the rule, and may be given again by nobody", async () => {
    const username = "\u0430lder-name";
    const id = await insertOld(username);
    expect((await new Client(app).run(LogInDocument, { username, password })).codes).toEqual([]);
    // An administrator may change the email beside it.
    const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    const input = { username, email: newEmail() };
    expect(ruleOf(await administrator.run(UpdateUserDocument, { id, input }))).toBe("done");
    const mine = await logInAs(app, { username, password });
    expect(ruleOf(await mine.run(ChangeUsernameDocument, { username: "older-name" }))).toBe("done");
  });
});

describe("a name that looks like a taken one", () => {
  test.each([
    ["apple", "\u0430\u0440\u0440\u04cf\u0435", "all of it Cyrillic"],
    ["paypal", "paypa1", "a digit"],
    ["payroll", "payroIl", "a capital I, shown as typed"],
    ["google", "g00gle", "zeros"],
    ["modern", "modem", "two letters that look like one"],
    ["SYSTEM", "\u0405\u04ae\u0405\u0422\u0415\u041c", "Cyrillic capitals"],
    ["pay", "\ua4d1\ua4ee\ua4ec", "Lisu"],
  ])("is taken: %s and %s, %s", async (taken, lookalike) => {
    const owner = await app.createUser({ username: taken });
    // Nothing more is revealed than by the name itself.
    const answers = [await register(lookalike), await register(taken)];
    expect(answers.map(ruleOf)).toEqual(["unique", "unique"]);
    const [one, other] = answers.map((answer) => JSON.stringify(wholeOf(answer)));
    expect(one).toBe(other);

    const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    const user = await app.createUser();
    const input = { username: lookalike, email: newEmail() };
    expect(ruleOf(await administrator.run(CreateUserDocument, { input }))).toBe("unique");
    const update = { id: user.id, input: { username: lookalike } };
    expect(ruleOf(await administrator.run(UpdateUserDocument, update))).toBe("unique");
    const mine = await logInAs(app, user);
    expect(ruleOf(await mine.run(ChangeUsernameDocument, { username: lookalike }))).toBe("unique");
    // Nobody logs in by it, and its owner may have both.
    const login = { username: lookalike, password: owner.password };
    expect((await new Client(app).run(LogInDocument, login)).codes).toEqual(["INVALID_CREDENTIALS"]);
    const ofOwner = await logInAs(app, owner);
    expect(ruleOf(await ofOwner.run(ChangeUsernameDocument, { username: lookalike }))).toBe("done");
    // The former name is reserved, and so is what looks like it.
    for (const username of [taken, lookalike])
      expect(ruleOf(await mine.run(ChangeUsernameDocument, { username }))).toBe("unique");
  });

  test("is taken on the command line too", async () => {
    await app.createUser({ username: "operator-one" });
    const { status, stderr } = await create("operat0r-one");
    expect([status, stderr]).toEqual([1, "graphward: The username or the email is taken.\n"]);
  });

  test("stays reserved after its user is renamed or deleted", async () => {
    const former = await app.createUser({ username: "former-bill" });
    expect(
      ruleOf(await (await logInAs(app, former)).run(ChangeUsernameDocument, { username: "another-life" })),
    ).toBe("done");
    expect(ruleOf(await register("former-bi11"))).toBe("unique");
    const gone = await app.createUser({ username: "gone-bill" });
    await (await logInAs(app, gone)).run("mutation { deleteAccount { message } }");
    expect(ruleOf(await register("gone-bi11"))).toBe("unique");
  });

  test("is taken for other capitals of the own name, which may look like another's", async () => {
    await app.createUser({ username: "hall-of-fame" });
    const user = await logInAs(app, await app.createUser({ username: "haii-of-fame" }));
    expect(ruleOf(await user.run(ChangeUsernameDocument, { username: "HaII-of-fame" }))).toBe("unique");
    expect(ruleOf(await user.run(ChangeUsernameDocument, { username: "Haii-of-fame" }))).toBe("done");
  });

  test("is given to one of many who ask at the same moment", async () => {
    const names = ["corner", "comer", "c0rner", "c0mer", "\u0441orner", "CORNER"];
    const rules = await Promise.all(names.map(async (username) => ruleOf(await register(username))));
    expect(rules.filter((rule) => rule === "done")).toHaveLength(1);
  });
});

describe("names from before", () => {
  test("are protected after the start; those that look alike already stay, and the oldest protects both", async () => {
    const ids = [
      await insertOld("veteran-lil"),
      await insertOld("veteran-1i1"),
      await insertOld("veteran-solo"),
    ];
    expect(await fillMissingSkeletons(app.database)).toBe(2);
    const skeletons = await Promise.all(ids.map(skeletonOf));
    expect(skeletons.map((it) => it !== null)).toEqual([true, false, true]);
    for (const username of ["veteran-li1", "veteran-so1o"])
      expect(ruleOf(await register(username))).toBe("unique");
    for (const username of ["veteran-lil", "veteran-1i1"])
      expect((await new Client(app).run(LogInDocument, { username, password })).codes).toEqual([]);

    // The other follows when the oldest is gone.
    await app.database
      .deleteFrom("users")
      .where("id", "=", ids[0] ?? "")
      .execute();
    expect(await fillMissingSkeletons(app.database)).toBe(1);
    expect(await fillMissingSkeletons(app.database)).toBe(0);
  });

  test("are found by a server as it starts", async () => {
    const id = await insertOld("veteran-two");
    const started = await startApp({ DATABASE_URL: app.config.databaseUrl ?? "" });
    try {
      await until(async () => (await skeletonOf(id)) !== null);
      await until(() =>
        started.log.some((line) => line.includes("usernames are now protected from names that look alike")),
      );
    } finally {
      await started.close();
    }
  });

  test("are compared later when that fails: the log says so", async () => {
    const started = await startApp();
    await started.createUser();
    await started.database.updateTable("users").set({ username_skeleton: null }).execute();
    await sql`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'no update'; end $$`.execute(started.database);
    await sql`create trigger refuse before update on graphward.users execute function refuse()`.execute(
      started.database,
    );
    const again = await startApp({ DATABASE_URL: started.config.databaseUrl ?? "" });
    try {
      await until(() =>
        again.log.some((line) => line.includes("failed to compare usernames with names that look alike")),
      );
    } finally {
      await again.close();
      await started.close();
    }
  });
});
