import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recordEvent } from "../../../src/auth/audit/record.ts";
import { sealEvents } from "../../../src/auth/audit/trail/sealing.ts";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { type Verified, verifyAuditTrail } from "../../harness/database/audit-trail.ts";
import { type DatabaseAlone, openDatabaseAlone } from "../../harness/database/database.ts";
import { graphward } from "../../harness/process.ts";

const key = randomBytes(32).toString("hex");
let alone: DatabaseAlone;
let head: string;

beforeAll(async () => {
  alone = await openDatabaseAlone();
  // Three sealings of three, and one that is not sealed.
  for (let sealing = 0; sealing < 3; sealing += 1) {
    for (let event = 0; event < 3; event += 1) await add();
    head = await seal();
  }
  await add();
  await sql`create table kept as select * from audit_events`.execute(alone.database);
});
afterAll(() => alone.close());

const person = "018f0000-0000-7000-8000-000000000001";
const add = (userId = person) =>
  recordEvent(alone.database, {
    type: AuditEventType.EMAIL_CHANGED,
    userId,
    actorId: userId,
    client: { ipAddress: "192.0.2.1", userAgent: "browser" },
    details: { roles: ["ADMIN"], count: 1 },
    personal: { username: "old-name" },
  });

const seal = async (): Promise<string> => {
  const sealing = await sealEvents(alone.database, key);
  return `${sealing?.head.sequence}:${sealing?.head.mac.toString("hex")}`;
};

const audit = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  graphward(["audit", ...args], {
    environment: { DATABASE_URL: alone.config.databaseUrl, AUDIT_KEY: key, ...environment },
  });

/** Exit status and answer must say the same. */
const verifyByCommand = async (
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<Verified> => {
  const { status, stdout, stderr } = await audit(["verify", "--json", ...args], environment);
  expect(stderr).toBe("");
  const result: Verified = JSON.parse(stdout);
  expect([status, result.finding === null]).toEqual(result.intact ? [0, true] : [1, false]);
  return result;
};

const verify = (expectedHead: string | null = null, keys = key) =>
  verifyAuditTrail(alone, keys, expectedHead);

const run = (statement: string) => sql.raw(statement).execute(alone.database);

test("an intact trail exits with 0, tells its head, and counts what is not sealed yet", async () => {
  const intact = { intact: true, finding: null, sealed: 9, unsealed: 1, head };
  expect(await verifyByCommand()).toEqual(intact);
  expect(await verify()).toEqual(intact);
  expect(await verifyByCommand(["--head", head])).toMatchObject({ intact: true });
  const told = await audit(["verify"]);
  expect(told.stdout).toBe(
    `The audit trail is intact. Events: 9. Head: ${head}. Not sealed yet, not verified: 1.\n`,
  );
});

describe("is found:", () => {
  beforeEach(() => run("truncate audit_events; insert into audit_events select * from kept"));
  afterEach(() => run("truncate audit_events; insert into audit_events select * from kept"));

  const columns = [
    ["at", "at + interval '1 second'"],
    ["type", "'LOGOUT'"],
    ["user_id", "gen_random_uuid()"],
    ["actor_id", "null"],
    ["session_id", "gen_random_uuid()"],
    ["request_id", "'another'"],
    ["details", `'{"roles": ["ADMIN", "ROOT"], "count": 1}'`],
    ["details", `'{"roles": ["ADMIN"], "count": 1.0}'`],
    ["ip_address", "'192.0.2.2'"],
    ["ip_address", "null"],
    ["user_agent", "'another'"],
    ["personal", `'{"username": "new-name"}'`],
    ["id", "id + 100000"],
    ["sealed_at", "sealed_at + interval '1 day'"],
    ["mac", "decode(repeat('ab', 32), 'hex')"],
    ["mac", "null"],
    ["client_salt", "decode(repeat('ab', 32), 'hex')"],
    ["client_commitment", "decode(repeat('ab', 32), 'hex')"],
    ["personal_commitment", "null"],
  ];
  test.each(columns)("a row with another %s, %s", async (column, value) => {
    await run(`update audit_events set ${column} = ${value} where sequence = 5`);
    expect((await verify()).finding).toMatchObject({ sequence: 5, id: expect.any(String) });
  });

  test("by the command, which exits with 1 and says where", async () => {
    await run("update audit_events set type = 'LOGOUT' where sequence = 5");
    const result = await verifyByCommand();
    expect(result).toEqual(await verify());
    expect(result.finding).toMatchObject({ sequence: 5 });
    const { status, stdout } = await audit(["verify"]);
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/^The audit trail is broken at sequence 5, id \d+: /),
    ]);
    await run("delete from audit_events where sequence >= 8 or sequence is null");
    await run("update audit_events set type = 'EMAIL_CHANGED' where sequence = 5");
    expect((await verifyByCommand(["--head", head])).finding).toMatchObject({ sequence: 8 });
    const environment = { AUDIT_KEY: randomBytes(32).toString("hex") };
    expect((await verifyByCommand([], environment)).finding).toMatchObject({ sequence: 1 });
  });

  test("a removed row in the middle, and the first", async () => {
    await run("delete from audit_events where sequence = 5");
    expect((await verify()).finding).toEqual({
      sequence: 5,
      id: null,
      problem: expect.stringMatching("missing"),
    });
    await run("delete from audit_events where sequence = 1");
    expect((await verify()).finding).toMatchObject({ sequence: 1 });
  });

  test("a removed row whose gap was closed", async () => {
    await run("delete from audit_events where sequence = 5");
    for (const sequence of [6, 7, 8, 9])
      await run(`update audit_events set sequence = ${sequence - 1} where sequence = ${sequence}`);
    expect((await verify()).finding).toMatchObject({ sequence: 5 });
  });

  test("a removed end, with a head from the log, also when the trail has grown again", async () => {
    await run("delete from audit_events where sequence >= 8 or sequence is null");
    expect(await verify()).toMatchObject({ intact: true, sealed: 7 });
    const { finding } = await verify(head);
    expect(finding).toMatchObject({ sequence: 8, problem: expect.stringMatching("cut off") });
    for (let event = 0; event < 4; event += 1) await add();
    await seal();
    expect(await verify()).toMatchObject({ intact: true, sealed: 11 });
    expect((await verify(head)).finding).toMatchObject({ sequence: 9 });
  });

  test("a row that was put in, with a place of its own or another's", async () => {
    const copy = (sequence: string) =>
      run(`insert into audit_events (type, user_id, sequence, sealed_at, mac, client_salt, client_commitment, personal_salt, personal_commitment)
           select 'LOGOUT', user_id, ${sequence}, sealed_at, mac, client_salt, client_commitment, personal_salt, personal_commitment
           from audit_events where sequence = 9`);
    await copy("10");
    expect((await verify()).finding).toMatchObject({ sequence: 10 });
    await run("delete from audit_events where sequence = 10");
    for (const sequence of ["0", "-1"]) {
      await copy(sequence);
      expect((await verify()).finding).toMatchObject({ sequence: Number(sequence) });
      await run(`delete from audit_events where sequence = ${sequence}`);
    }
    // On partitioned tables, it is the partition's.
    const { rows } = await sql<{ holder: string }>`
      select conrelid::regclass::text as holder from pg_constraint where conname = 'audit_events_sequence_unique'`.execute(
      alone.database,
    );
    const holder = rows[0]?.holder;
    await run(`alter table ${holder} drop constraint audit_events_sequence_unique`);
    await copy("4");
    expect((await verify()).finding).toMatchObject({ sequence: 4 });
    await run("delete from audit_events where sequence = 4 and type = 'LOGOUT'");
    await run(`alter table ${holder} add constraint audit_events_sequence_unique unique (sequence)`);
  });

  test("a row that was put in with a time of long before, before the server seals it and after", async () => {
    await run("update audit_events set at = at - interval '30 days' where sequence is null");
    const { finding } = await verify();
    expect(finding).toMatchObject({ sequence: null, id: expect.any(String) });
    await seal();
    expect((await verify()).finding).toMatchObject({
      sequence: 10,
      id: finding?.id,
      problem: finding?.problem,
    });
  });

  test("two rows that changed places, or numbers", async () => {
    await run("update audit_events set sequence = 1000 where sequence = 4");
    await run("update audit_events set sequence = 4 where sequence = 5");
    await run("update audit_events set sequence = 5 where sequence = 1000");
    expect((await verify()).finding).toMatchObject({ sequence: 4 });
    await run("truncate audit_events; insert into audit_events select * from kept");
    await run(`update audit_events set user_agent = other.user_agent, client_salt = other.client_salt, client_commitment = other.client_commitment
               from kept as other where audit_events.sequence = 4 and other.sequence = 5`);
    expect((await verify()).finding).toMatchObject({ sequence: 4 });
  });

  test("personal values that are gone, salt and all, of a person who was not forgotten", async () => {
    await run(
      "update audit_events set ip_address = null, user_agent = null, client_salt = null where sequence = 6",
    );
    expect((await verify()).finding).toMatchObject({
      sequence: 6,
      problem: expect.stringMatching("forgotten"),
    });
    await run("update audit_events set ip_address = '192.0.2.9' where sequence = 6");
    expect((await verify()).finding).toMatchObject({
      sequence: 6,
      problem: expect.stringMatching("IP or user agent was changed"),
    });
  });

  test("another key; and with two, the first seals and both verify", async () => {
    const other = randomBytes(32).toString("hex");
    expect((await verify(null, other)).finding).toMatchObject({
      sequence: 1,
      problem: expect.stringMatching("another AUDIT_KEY"),
    });
    expect(await verify(null, `${other},${key}`)).toMatchObject({ intact: true });
  });
});

test("no trail at all is no error, and a head that is none is told", async () => {
  const empty = await openDatabaseAlone();
  const result = await verifyByCommand([], { DATABASE_URL: empty.config.databaseUrl });
  expect(result).toMatchObject({ intact: true, sealed: 0, head: null });
  await empty.close();
  for (const wrong of ["12", "x:y", `1:${"g".repeat(64)}`]) {
    const { status, stderr } = await audit(["verify", "--head", wrong]);
    expect([status, stderr]).toEqual([1, expect.stringMatching("as in the log")]);
  }
});
