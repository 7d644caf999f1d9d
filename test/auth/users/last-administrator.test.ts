import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { DeactivateUserDocument, SetRolesDocument } from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
// Nobody of the test before.
beforeEach(async () => {
  await app.database.updateTable("users").set({ roles: [] }).execute();
});

interface Administrator {
  readonly user: User;
  readonly client: Client;
}

const createAdministrator = async (): Promise<Administrator> => {
  const user = await app.createUser({ roles: ["ADMIN"] });
  const client = new Client(app);
  await client.logIn(user, "TOKEN");
  return { user, client };
};
const activeAdministrators = async () => {
  const rows = await app.database
    .selectFrom("role_members")
    .select("id")
    .where("role", "=", "ADMIN")
    .where("is_active", "=", true)
    .execute();
  return rows.map(({ id }) => id);
};
const deactivate = ({ client }: Administrator, { user }: Administrator) =>
  client.run(DeactivateUserDocument, { id: user.id });
const demote = ({ client }: Administrator, { user }: Administrator, roles: string[] = []) =>
  client.run(SetRolesDocument, { id: user.id, roles });

describe("the last active administrator", () => {
  test("can neither be deactivated nor demoted, also not by themselves", async () => {
    const last = await createAdministrator();
    await app.createUser();
    expect((await deactivate(last, last)).codes).toEqual(["FORBIDDEN"]);
    expect((await demote(last, last)).codes).toEqual(["FORBIDDEN"]);
    expect(await activeAdministrators()).toEqual([last.user.id]);
    await app.database.insertInto("roles").values({ name: "OTHER", permissions: [] }).execute();
    expect((await demote(last, last, ["ADMIN", "OTHER"])).codes).toEqual([]);
  });

  test("is not outnumbered by those who are deactivated", async () => {
    const [last, other] = [await createAdministrator(), await createAdministrator()];
    expect((await deactivate(last, other)).codes).toEqual([]);
    expect((await deactivate(last, last)).codes).toEqual(["FORBIDDEN"]);
    // Who counts no more can be demoted, and who does can go once there is another.
    expect((await demote(last, other)).codes).toEqual([]);
    await createAdministrator();
    expect((await demote(last, last)).codes).toEqual([]);
  });

  test("is left when two demote or deactivate each other, or themselves, at the same moment", async () => {
    for (let round = 0; round < 20; round += 1) {
      await app.database.updateTable("users").set({ roles: [] }).execute();
      const [one, other] = await Promise.all([createAdministrator(), createAdministrator()]);
      const act = round % 2 === 0 ? demote : deactivate;
      const pairs =
        round % 4 < 2
          ? ([
              [one, other],
              [other, one],
            ] as const)
          : ([
              [one, one],
              [other, other],
            ] as const);
      const answers = await Promise.all(pairs.map(([by, target]) => act(by, target)));
      // The other may already be out.
      expect(answers.map(({ codes }) => codes.join()).sort()).toEqual([
        "",
        expect.stringMatching(/^(FORBIDDEN|UNAUTHENTICATED)$/),
      ]);
      expect(await activeAdministrators()).toHaveLength(1);
    }
  });

  test("is protected from the command line too, which says why", async () => {
    const { user } = await createAdministrator();
    for (const args of [
      ["deactivate", user.username],
      ["set-roles", user.username],
    ]) {
      const { status, stderr } = await graphward(["user", ...args], {
        on: app,
      });
      expect([status, stderr]).toEqual([
        1,
        `graphward: ${user.username} is the last active administrator. Make another user an administrator first.\n`,
      ]);
    }
    expect(await activeAdministrators()).toEqual([user.id]);
  });
});
