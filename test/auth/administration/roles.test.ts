import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grantPermissions, listRoles } from "../../../src/auth/administration/roles.ts";
import { fromCommandLine } from "../../../src/auth/audit/record.ts";
import { createAuthority } from "../../../src/auth/viewer/authority.ts";
import { permissionsAskedInCode } from "../../../src/auth/viewer/permissions.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import {
  AuditEventsDocument,
  LogInForPermissionsDocument,
  PermissionsDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const run = (...args: readonly string[]) => graphward(["role", ...args], { on: app });

const logIn = (user: User) => logInAs(app, user);

const permissionsOf = async (client: Client) =>
  (await client.run(PermissionsDocument)).data?.viewer?.permissions;

/** As an auditor would: the events of somebody else. */
const mayAudit = async (client: Client, other: User) => {
  const { codes } = await client.run(AuditEventsDocument, { userId: other.id });
  return codes.length === 0 ? true : codes;
};

describe("a role gives what its row says", () => {
  test("from the moment a permission is granted until it is revoked, to a session that is already there", async () => {
    const [auditor, other] = [await app.createUser({ roles: ["AUDITOR"] }), await app.createUser()];
    const client = await logIn(auditor);
    expect(await mayAudit(client, other)).toEqual(["NOT_FOUND"]);

    expect(await run("grant", "AUDITOR", "audit:read")).toMatchObject({
      status: 0,
      stdout: "AUDITOR  audit:read\n",
    });
    await until(async () => (await mayAudit(client, other)) === true || null);
    expect(await permissionsOf(client)).toEqual(["audit:read"]);

    expect(await run("revoke", "AUDITOR", "audit:read")).toMatchObject({
      status: 0,
      stdout: "AUDITOR  (none)\n",
    });
    await until(async () => (await mayAudit(client, other)) !== true || null);
    expect(await permissionsOf(client)).toEqual([]);
    expect(await app.database.selectFrom("roles").selectAll().execute()).toEqual([]);
  });

  test("also when it was changed by hand in the database", async () => {
    const [auditor, other] = [await app.createUser({ roles: ["READER"] }), await app.createUser()];
    const client = await logIn(auditor);
    expect(await permissionsOf(client)).toEqual([]);
    const row = { name: "READER", permissions: ["audit:read"] };
    await app.database.insertInto("roles").values(row).execute();
    await until(async () => (await mayAudit(client, other)) === true || null);
    await app.database.deleteFrom("roles").where("name", "=", "READER").execute();
    await until(async () => (await mayAudit(client, other)) !== true || null);
  });

  test("and no row can take anything from an administrator", async () => {
    const administrator = await logIn(await app.createUser({ roles: ["ADMIN"] }));
    await app.database.insertInto("roles").values({ name: "ADMIN", permissions: [] }).execute();
    expect(await mayAudit(administrator, await app.createUser())).toBe(true);
    expect(await permissionsOf(administrator)).toEqual(expect.arrayContaining([...permissionsAskedInCode]));
    await app.database.deleteFrom("roles").where("name", "=", "ADMIN").execute();
  });

  test("of several roles, everything once; and the login's own answer shows it", async () => {
    const user = await app.createUser({ roles: ["FIRST", "SECOND", "NOBODY_HAS_MADE"] });
    await app.database
      .insertInto("roles")
      .values([
        { name: "FIRST", permissions: ["notes:read", "audit:read"] },
        { name: "SECOND", permissions: ["audit:read"] },
      ])
      .execute();
    const { data } = await new Client(app).run(LogInForPermissionsDocument, user);
    expect(data?.login?.user?.permissions).toEqual(["audit:read", "notes:read"]);
  });
});

describe("the commands", () => {
  test("role list shows ADMIN, every role and every permission there is", async () => {
    await run("grant", "LISTED", "audit:read");
    const { status, stdout } = await run("list", "--json");
    expect(status).toBe(0);
    const { roles, permissions } = JSON.parse(stdout);
    expect(permissions).toContain("audit:read");
    expect(roles[0]).toEqual({ name: "ADMIN", permissions });
    expect(roles).toContainEqual({ name: "LISTED", permissions: ["audit:read"] });
    expect((await run("list")).stdout).toContain("LISTED  audit:read\n");
  });

  test.each([
    ["a permission that no rule asks for", ["grant", "TYPO", "audit:raed"], "audit:raed"],
    ["ADMIN, which is a rule and no row", ["grant", "ADMIN", "audit:read"], "has every permission"],
    ["ADMIN, to take something away", ["revoke", "ADMIN", "audit:read"], "has every permission"],
    ["a role that is not in capitals", ["grant", "auditor", "audit:read"], "in capitals"],
    ["a permission in the place of a role", ["grant", "audit:read", "audit:read"], "in capitals"],
    ["a role that is not there", ["revoke", "MISSING", "audit:read"], "role MISSING does not exist"],
  ])("refuse %s", async (_what, args, message) => {
    const before = await app.database.selectFrom("roles").selectAll().execute();
    const { status, stdout, stderr } = await run(...args);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
    expect(await app.database.selectFrom("roles").selectAll().execute()).toEqual(before);
  });

  test("of two changes at the same moment neither is lost, also of a role that is new", async () => {
    for (let round = 1; round <= 10; round += 1) {
      const name = `TOGETHER_${round}`;
      const known = ["audit:read", "users:read"];
      await Promise.all(
        known.map((permission) =>
          grantPermissions(app.database, { name, permissions: [permission] }, known, fromCommandLine),
        ),
      );
      const role = (await listRoles(app.database)).find((it) => it.name === name);
      expect(role?.permissions).toEqual(known);
    }
  });

  test("are recorded, with what they changed", async () => {
    await run("grant", "RECORDED", "audit:read");
    await run("revoke", "RECORDED", "audit:read");
    const events = await app.database
      .selectFrom("audit_events")
      .select(["user_id", "actor_id", "details"])
      .where("type", "=", "ROLES_CHANGED")
      .orderBy("id", "desc")
      .limit(2)
      .execute();
    expect(events).toEqual([
      { user_id: null, actor_id: null, details: { via: "cli", role: "RECORDED", revoked: ["audit:read"] } },
      { user_id: null, actor_id: null, details: { via: "cli", role: "RECORDED", granted: ["audit:read"] } },
    ]);
  });
});

describe("authority", () => {
  const holder = (roles: string[], permissions: string[] = []) => ({ roles, permissions });
  test.each([
    ["an administrator over anybody", holder(["ADMIN"]), holder(["ADMIN"], ["a:b"]), true],
    ["nobody else over an administrator", holder([], ["a:b"]), holder(["ADMIN"]), false],
    ["whoever holds the same and more", holder([], ["a:b", "c:d"]), holder(["ANY"], ["a:b"]), true],
    ["nobody over what they do not hold", holder([], ["a:b"]), holder([], ["a:b", "c:d"]), false],
    ["nobody over a role that opens something by name", holder([], ["a:b"]), holder(["EDITOR"]), false],
    ["whoever has that role too", holder(["EDITOR"]), holder(["EDITOR"]), true],
  ])("%s", (_who, actor, other, covers) => {
    expect(createAuthority(["EDITOR"]).covers(actor, other)).toBe(covers);
  });
});
