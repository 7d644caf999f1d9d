import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEvent } from "../../../src/auth/audit/record.ts";
import { beginning, macOf } from "../../../src/auth/audit/trail/chain.ts";
import { forgetPersonOf } from "../../../src/auth/audit/trail/erasure.ts";
import { eachSealed } from "../../../src/auth/audit/trail/rows.ts";
import { sealEvents } from "../../../src/auth/audit/trail/sealing.ts";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { days } from "../../../src/time.ts";
import { Client } from "../../harness/client.ts";
import { verifyAuditTrail } from "../../harness/database/audit-trail.ts";
import { type DatabaseAlone, openDatabaseAlone } from "../../harness/database/database.ts";
import { graphward, program } from "../../harness/process.ts";
import { startApp } from "../../harness/server.ts";

const key = randomBytes(32).toString("hex");
const opened: DatabaseAlone[] = [];
const open = async (url?: string): Promise<DatabaseAlone> => {
  const alone = await openDatabaseAlone(url);
  opened.push(alone);
  return alone;
};
let alone: DatabaseAlone;
beforeAll(async () => {
  alone = await open();
});
afterAll(async () => {
  for (const it of opened.reverse()) await it.close();
});

type Trail = Pick<DatabaseAlone, "database" | "config">;

interface Added {
  readonly userId: string;
  readonly actorId: string | null;
  readonly userAgent?: string;
}
const add = ({ database }: Trail, { userId, actorId, userAgent = "browser of canary" }: Added) =>
  recordEvent(database, {
    type: AuditEventType.USERNAME_CHANGED,
    userId,
    actorId,
    client: { ipAddress: "192.0.2.77", userAgent },
    personal: { username: "name-of-canary" },
  });

const run = (
  { config: { databaseUrl } }: { readonly config: { readonly databaseUrl: string | null } },
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
) => graphward(args, { environment: { DATABASE_URL: databaseUrl ?? "", AUDIT_KEY: key, ...environment } });
const verify = (target: Trail) => verifyAuditTrail(target, key);
const idOf = (last: number) => `018f0000-0000-7000-8000-${String(last).padStart(12, "0")}`;

describe("a person who is forgotten", () => {
  const [person, administrator, other] = [idOf(1), idOf(2), idOf(3)];

  test("leaves no personal value behind, sealed or not, and the trail intact", async () => {
    const addAll = async () => {
      await add(alone, { userId: person, actorId: person });
      await add(alone, { userId: person, actorId: null });
      await add(alone, { userId: person, actorId: administrator });
      await add(alone, { userId: other, actorId: person });
      await add(alone, { userId: other, actorId: other });
    };
    await addAll();
    await sealEvents(alone.database, key);
    await addAll();
    await alone.database.transaction().execute((transaction) => forgetPersonOf(transaction, person));
    expect(await verify(alone)).toMatchObject({ intact: true, sealed: 5 });
    await sealEvents(alone.database, key);
    expect(await verify(alone)).toMatchObject({ intact: true, sealed: 11, unsealed: 0 });

    const rows = await alone.database.selectFrom("audit_events").selectAll().orderBy("id").execute();
    const told = rows.map((row) => [row.user_id, row.actor_id, row.ip_address, row.user_agent, row.personal]);
    const name = { username: "name-of-canary" };
    const client = ["192.0.2.77", "browser of canary"];
    const once = [
      [person, person, null, null, null],
      [person, null, null, null, null],
      [person, administrator, ...client, null],
      [other, person, null, null, name],
      [other, other, ...client, name],
    ];
    expect(told).toEqual([...once, ...once, [person, null, null, null, null]]);
    expect(rows.at(-1)?.type).toBe("PERSON_FORGOTTEN");
    // With a salt left behind, a name could be tried out against the commitment.
    for (const row of rows.slice(0, 5)) {
      expect(row.client_salt === null).toBe(row.ip_address === null);
      expect(row.personal_salt === null).toBe(row.personal === null);
    }
  });

  test("is not forgotten when the deletion is rolled back, and waits for a sealing without a deadlock", async () => {
    const someone = idOf(4);
    for (let count = 0; count < 50; count += 1) await add(alone, { userId: someone, actorId: someone });
    const refused = alone.database.transaction().execute(async (transaction) => {
      await forgetPersonOf(transaction, someone);
      throw new Error("and back");
    });
    await expect(refused).rejects.toThrow("and back");
    await Promise.all([
      sealEvents(alone.database, key),
      alone.database.transaction().execute((transaction) => forgetPersonOf(transaction, someone)),
    ]);
    await sealEvents(alone.database, key);
    expect(await verify(alone)).toMatchObject({ intact: true, unsealed: 0 });
  });
});

describe("sealing", () => {
  test("by two servers at once makes one chain, also of what commits late", async () => {
    const here = await open();
    const there = await open(here.config.databaseUrl);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const late = here.database.transaction().execute(async (transaction) => {
      await recordEvent(transaction, {
        type: AuditEventType.LOGOUT,
        userId: idOf(5),
        actorId: null,
        client: { ipAddress: null, userAgent: null },
      });
      await held;
    });
    for (let round = 0; round < 10; round += 1)
      await Promise.all([
        ...[here, there].flatMap((it) => [1, 2, 3].map(() => add(it, { userId: idOf(6), actorId: null }))),
        sealEvents(here.database, key),
        sealEvents(there.database, key),
      ]);
    await sealEvents(here.database, key);
    expect(await verify(here)).toMatchObject({ intact: true, sealed: 60, unsealed: 0 });
    release();
    await late;
    expect(await verify(here)).toMatchObject({ intact: true, sealed: 60, unsealed: 1 });
    await Promise.all([sealEvents(here.database, key), sealEvents(there.database, key)]);
    expect(await verify(here)).toMatchObject({ intact: true, sealed: 61, unsealed: 0 });
  });

  test("takes any number of events, a part at a time", async () => {
    const target = await open();
    await sql`insert into audit_events (type, at) select 'LOGOUT', now() - interval '2 days' from generate_series(1, 1750)`.execute(
      target.database,
    );
    expect((await sealEvents(target.database, key))?.sealed).toBe(1750);
    expect(await verify(target)).toMatchObject({ intact: true, sealed: 1750 });
  });

  test("is done by a running server, which logs a head that verify takes", async () => {
    const target = await startApp({ AUDIT_KEY: key });
    await new Client(target).logIn(await target.createUser());
    const findLine = () => target.log.find((line) => line.includes("audit trail sealed"));
    await expect.poll(findLine).toBeDefined();
    const { head, events } = JSON.parse(findLine() ?? "{}");
    expect(events).toBe(2);
    expect((await run(target, ["audit", "verify", "--head", head])).status).toBe(0);
    await target.close();
  });
});

describe("retention", () => {
  const prune = (target: Trail, environment: NodeJS.ProcessEnv = {}) => run(target, ["prune"], environment);
  const dropped = (count: number) => ({
    status: 0,
    stdout: expect.stringContaining(`Old security events deleted: ${count}.\n`),
  });

  /** A trail as an honest server would have made it in those days: `perDay` events on each. */
  const makeTrail = async (daysAgo: readonly number[], perDay = 3): Promise<Trail> => {
    const target = await open();
    const now = Date.now();
    const timeOf = (sequence: number) =>
      new Date(now - days(daysAgo[Math.floor((sequence - 1) / perDay)] ?? 0));
    for (const ago of daysAgo)
      await sql`insert into audit_events (type, at) select 'LOGOUT', ${new Date(now - days(ago))} from generate_series(1, ${perDay}::int)`.execute(
        target.database,
      );
    await sealEvents(target.database, key);
    let head = beginning;
    for await (const row of eachSealed(target.database, 0)) {
      const { clientCommitment, personalCommitment } = row;
      if (!clientCommitment || !personalCommitment) throw new Error("The row is not sealed.");
      const sealedAt = timeOf(row.sequence);
      const mac = macOf(key, head, { ...row, clientCommitment, personalCommitment, sealedAt });
      head = { sequence: row.sequence, mac };
      await target.database
        .updateTable("audit_events")
        .set({ mac, sealed_at: sealedAt })
        .where("id", "=", row.id)
        .execute();
    }
    return target;
  };
  const sequencesOf = async ({ database }: Trail) =>
    (await database.selectFrom("audit_events").select("sequence").orderBy("sequence").execute()).map(
      ({ sequence }) => Number(sequence),
    );

  test("drops whole old days from the beginning, again and again, and what stays is verified", async () => {
    const target = await makeTrail([420, 410, 402, 398, 10]);
    const { head } = await verify(target);
    expect(await prune(target)).toMatchObject(dropped(9));
    expect(await sequencesOf(target)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(await verify(target)).toMatchObject({ intact: true, sealed: 6, head });
    expect(await prune(target)).toMatchObject(dropped(0));
    expect(await prune(target, { AUDIT_RETENTION: "30d" })).toMatchObject(dropped(3));
    expect(await verify(target)).toMatchObject({ intact: true, sealed: 3, head });
    expect(await prune(target, { AUDIT_RETENTION: "5d" })).toMatchObject(dropped(3));
    expect(await verify(target)).toMatchObject({ intact: true, sealed: 0, head });
    expect((await run(target, ["audit", "verify", "--head", head ?? ""])).status).toBe(0);
    expect((await run(target, ["audit", "verify", "--head", `15:${"0".repeat(64)}`])).status).toBe(1);

    await add(target, { userId: idOf(7), actorId: null });
    expect((await sealEvents(target.database, key))?.head.sequence).toBe(16);
    expect(await verify(target)).toMatchObject({ intact: true, sealed: 1 });
  });

  test("lets nobody cut off the beginning by hand: an anchor needs the key", async () => {
    const target = await makeTrail([420, 10]);
    const anchorAt = (sequence: number) =>
      sql`insert into audit_anchors select sequence, mac, sealed_at, mac from audit_events where sequence = ${sequence}`.execute(
        target.database,
      );
    await anchorAt(4);
    await sql`delete from audit_events where sequence <= 4`.execute(target.database);
    expect(await verify(target)).toMatchObject({ intact: false, finding: { sequence: 4 } });
    expect(await prune(target)).toMatchObject({ status: 0 });

    const honest = await makeTrail([420, 410, 10]);
    expect(await prune(honest)).toMatchObject(dropped(6));
    await sql`update audit_anchors set sequence = 7`.execute(honest.database);
    expect(await verify(honest)).toMatchObject({ intact: false });
    await sql`delete from audit_anchors`.execute(honest.database);
    expect(await verify(honest)).toMatchObject({ intact: false, finding: { sequence: 1 } });
  });

  test("drops nothing of a broken trail, nor what was made to look old", async () => {
    const target = await makeTrail([10, 5]);
    await sql`update audit_events set sealed_at = sealed_at - interval '2 years' where sequence <= 4`.execute(
      target.database,
    );
    const result = await prune(target);
    expect(result).toMatchObject({
      status: 1,
      stderr: expect.stringMatching("broken, and no events were deleted"),
    });
    expect(await sequencesOf(target)).toHaveLength(6);
  });

  test("leaves what is not sealed, however old it says it is", async () => {
    const target = await makeTrail([500], 3);
    await sql`insert into audit_events (type, at) values ('LOGOUT', now() - interval '3 years')`.execute(
      target.database,
    );
    expect(await prune(target)).toMatchObject(dropped(3));
    expect(await sequencesOf(target)).toEqual([0]);
  });
});

describe("export", () => {
  test("writes a line of JSON an event, oldest first, within a range, and no text can forge a line", async () => {
    const target = await open();
    const evil = 'x"}\n{"type":"FORGED"}\r\u2028\u0085\u009b2J\u202e\u001b[2J';
    await sql`insert into audit_events (type, at) select 'LOGOUT', '2026-01-01T00:00:00Z'::timestamptz + number * interval '1 day' from generate_series(0, 2) as number`.execute(
      target.database,
    );
    await add(target, { userId: idOf(8), actorId: null, userAgent: evil });
    await sealEvents(target.database, key);

    const all = await run(target, ["audit", "export"]);
    expect(all).toMatchObject({ status: 0, stderr: "" });
    const lines = all.stdout.split("\n").slice(0, -1);
    expect(lines).toHaveLength(4);
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(events[3]).toMatchObject({ type: "USERNAME_CHANGED", userId: idOf(8), userAgent: evil });
    expect(events[3].mac).toMatch(/^[0-9a-f]{64}$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(all.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e]/);

    const range = async (...args: string[]) =>
      (await run(target, ["audit", "export", ...args])).stdout.split("\n").slice(0, -1).length;
    expect(await range("--json", "--from", "2026-01-02")).toBe(3);
    expect(await range("--from", "2026-01-02", "--to", "2026-01-03")).toBe(1);
    expect(await range("--to", "2026-01-01T00:00:00+01:00")).toBe(0);
    expect(await range("--to", "2026-01-01T00:00:00-01:00")).toBe(1);
    for (const wrong of ["yesterday", "2026-13-01", "2026-01-01T00:00", "1"])
      expect((await run(target, ["audit", "export", "--from", wrong])).status).toBe(1);
  });

  test("holds no more than a page in memory, and stops when nobody reads on", async () => {
    const target = await open();
    await sql`insert into audit_events (type, user_agent) select 'LOGOUT', repeat('x', 500) from generate_series(1, 60000)`.execute(
      target.database,
    );
    const piped = spawn("sh", ["-c", `"$0" "$1" audit export | head -n 1`, process.execPath, program], {
      env: { PATH: process.env.PATH, DATABASE_URL: target.config.databaseUrl ?? "", AUDIT_KEY: key },
    });
    let output = "";
    let complaint = "";
    piped.stdout.on("data", (text) => {
      output += text;
    });
    piped.stderr.on("data", (text) => {
      complaint += text;
    });
    await once(piped, "close");
    expect(output.split("\n")).toHaveLength(2);
    expect(complaint).toBe("");

    const whole = await run(target, ["audit", "export"], { NODE_OPTIONS: "--max-old-space-size=75" });
    expect(whole.stdout.split("\n")).toHaveLength(60_001);
  });
});
