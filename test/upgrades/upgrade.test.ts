import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { verifyAuditTrail } from "../harness/database/audit-trail.ts";
import type { TestDatabase } from "../harness/database/database.ts";
import { messagesTo, secretIn } from "../harness/mail/inbox.ts";
import { bringForward, until } from "../harness/mail/mail.ts";
import { type AppWithMail, startWithMail } from "../harness/server.ts";
import {
  LogOutDocument,
  PrivateDocument,
  VerifyEmailDocument,
  ViewerDocument,
} from "../operations/generated/graphql.ts";
import { describeDump, dumps, restoreDump } from "./dumps.ts";

describe.each(dumps)("a filled database of the version %s,", (name) => {
  const then = describeDump(name);
  let database: TestDatabase;
  let app: AppWithMail;
  beforeAll(async () => {
    database = await restoreDump(name);
    app = await startWithMail({
      DATABASE_URL: database.url,
      SESSION_SECRET: then.sessionSecret,
      AUDIT_KEY: then.auditKey,
      AUDIT_RETENTION: "36500d",
    });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  const cookies = new Map(Object.entries(then.cookies));
  const usernameOf = async (client: Client) => (await client.run(ViewerDocument)).data?.viewer?.username;
  const isLoggedIn = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;

  test("has all its rows", async () => {
    const counted = Object.keys(then.rows).map(async (table) => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from ${sql.table(`graphward.${table}`)}`.execute(app.database);
      return [table, rows[0]?.count] as const;
    });
    // What was counted for a limit may be over.
    const { rate_limits: _, ...rows } = then.rows;
    expect(Object.fromEntries(await Promise.all(counted))).toMatchObject(rows);
  });

  test("sends the mail that waited, with links that work", async () => {
    await bringForward(app.database);
    const received = then.waitingMail.map((address) =>
      until(() => messagesTo(app.mail.received, address)[0]),
    );
    const [first = null] = await Promise.all(received);
    const ada = { token: first === null ? "none" : secretIn(first), password: then.password };
    const proof = await new Client(app).run(VerifyEmailDocument, ada);
    expect(proof.codes).toEqual(first === null ? ["INVALID_TOKEN"] : []);
  });

  test("has its audit trail intact", async () => {
    expect(await verifyAuditTrail(app, then.auditKey, then.auditHead)).toMatchObject({ intact: true });
  });

  test("lets in the cookie, the token and the access token from then", async () => {
    expect(await usernameOf(new Client(app, { cookies }))).toBe("grace");
    expect(await usernameOf(new Client(app, { token: then.token }))).toBe("grace");
    if (then.accessToken !== null)
      expect(await usernameOf(new Client(app, { token: then.accessToken }))).toBe("grace");
  });

  test("lets everybody log in with the password and the roles from then", async () => {
    const grace = new Client(app);
    expect((await grace.logIn({ username: "grace", password: then.password })).user.roles).toEqual(["ADMIN"]);
    expect(await isLoggedIn(grace)).toBe(true);
    // Not by email: the first versions did not verify any.
    const username = then.formerNames.includes("alan") ? "turing" : "alan";
    const { user } = await new Client(app).logIn({ username, password: then.password });
    expect(user).toMatchObject({ roles: ["EDITOR"], username });
  });

  test("a logout ends the cookie and the token from then", async () => {
    expect((await new Client(app, { cookies }).run(LogOutDocument)).codes).toEqual([]);
    expect(await isLoggedIn(new Client(app, { cookies }))).toBe(false);
    expect(await isLoggedIn(new Client(app, { token: then.token }))).toBe(false);
  });
});

test("there is a dump of each group of migrations", () => {
  expect(dumps).toEqual([
    "access-tokens",
    "device-generation",
    "own-schema",
    "reserved-usernames",
    "users-and-sessions",
  ]);
});
