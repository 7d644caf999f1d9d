import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rowOf } from "../../src/auth/audit/record.ts";
import { lockChain } from "../../src/auth/audit/trail/rows.ts";
import { withHashPermit } from "../../src/auth/passwords/hash-queue.ts";
import { noClient } from "../../src/auth/viewer/client.ts";
import { AuditEventType } from "../../src/entities/audit-event-type.ts";
import { logInAs } from "../harness/client.ts";
import { openStream } from "../harness/connections/stream.ts";
import { scrape, withMetrics } from "../harness/scrape.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp(withMetrics);
});
afterAll(() => app.close());

test("jobs, mail and unsealed events: how many wait, how many have failed, and for how long; read once in ten seconds", async () => {
  const add = async (task: string, minutes: number, attempts = 0) => {
    await sql`select graphward_jobs.add_job(${task}::text, max_attempts => 5)`.execute(app.database);
    await sql`update graphward_jobs._private_jobs set attempts = ${attempts},
        run_at = now() + ${minutes < 0 ? -minutes : 0} * interval '1 minute',
        created_at = now() - ${Math.max(minutes, 0)} * interval '1 minute'
      where id = (select max(id) from graphward_jobs._private_jobs)`.execute(app.database);
  };
  // No worker knows these tasks.
  await add("mail:unknown", 30, 1);
  await add("mail:unknown", 90, 5);
  await add("nightly", -60);
  const event = { type: AuditEventType.LOGOUT, userId: null, actorId: null, client: noClient };
  const values = await app.database.transaction().execute(async (transaction) => {
    await lockChain(transaction);
    await app.database
      .insertInto("audit_events")
      .values({ ...rowOf(event), at: sql<Date>`now() - interval '1 hour'` })
      .execute();
    return scrape(app);
  });
  const jobs = (kind: string, state: string) => values.valueOf("graphward_jobs", { kind, state });
  expect([jobs("mail", "waiting"), jobs("mail", "failed"), jobs("mail", "running")]).toEqual([1, 1, 0]);
  expect([jobs("application", "waiting"), jobs("application", "failed")]).toEqual([1, 0]);
  const age = (kind: string) => values.valueOf("graphward_jobs_oldest_seconds", { kind });
  expect(age("mail")).toBeGreaterThanOrEqual(1800);
  expect(age("mail")).toBeLessThan(3600);
  expect(age("application")).toBe(0);
  expect(values.valueOf("graphward_audit_sealing_lag_seconds")).toBeGreaterThanOrEqual(3600);
  expect(values.valueOf("graphward_database_state_known")).toBe(1);
  // There is no replica.
  for (const name of [
    "graphward_replica_read",
    "graphward_replica_lag_seconds",
    "graphward_replica_lists_total",
  ])
    expect(values.valueOf(name)).toBeNull();

  await add("mail:unknown", 30, 1);
  expect((await scrape(app)).valueOf("graphward_jobs", { kind: "mail", state: "waiting" })).toBe(1);
});

test("a database that does not respond fails no scrape: its values are missing, and come back", async () => {
  const stuck = await startApp(withMetrics);
  await stuck.database.transaction().execute(async (transaction) => {
    await sql`lock table graphward.audit_events in access exclusive mode`.execute(transaction);
    const values = await scrape(stuck);
    expect(values.valueOf("graphward_database_state_known")).toBe(0);
    expect(values.valueOf("graphward_jobs")).toBeNull();
    expect(values.valueOf("graphward_jobs_oldest_seconds")).toBeNull();
    expect(values.valueOf("graphward_audit_sealing_lag_seconds")).toBeNull();
    expect(values.valueOf("graphward_database_connections", { pool: "background", state: "used" })).toBe(1);
    expect(values.valueOf("process_resident_memory_bytes")).toBeGreaterThan(0);
  });
  await expect.poll(async () => (await scrape(stuck)).valueOf("graphward_database_state_known")).toBe(1);
  await stuck.close();
});

test("passwords that are hashed, that wait, and that were refused", async () => {
  const released = Promise.withResolvers<void>();
  const hashes = Array.from({ length: 100 }, () =>
    withHashPermit(() => released.promise).catch(() => "refused"),
  );
  const values = await scrape(app);
  const running = values.valueOf("graphward_password_hashes", { state: "running" }) ?? 0;
  expect(running).toBeGreaterThan(0);
  expect(values.valueOf("graphward_password_hashes", { state: "waiting" })).toBe(64);
  expect(values.valueOf("graphward_password_hashes_refused_total")).toBe(100 - running - 64);
  released.resolve();
  await Promise.all(hashes);
  const after = await scrape(app);
  expect(after.valueOf("graphward_password_hashes")).toBe(0);
});

test("connections of a pool: those in use, and who waits for one", async () => {
  const pool = (state: string) => ({ pool: "requests", state });
  const { database } = app.server.database;
  expect((await scrape(app)).valueOf("graphward_database_connections", pool("most"))).toBe(10);
  const released = Promise.withResolvers<void>();
  let held = 0;
  const hold = () =>
    database.connection().execute(async () => {
      held += 1;
      await released.promise;
    });
  const holding = Array.from({ length: 10 }, hold);
  await expect.poll(() => held).toBe(10);
  const waiting = hold();
  const values = await scrape(app);
  expect(values.valueOf("graphward_database_connections", pool("used"))).toBe(10);
  expect(values.valueOf("graphward_database_connections", pool("idle"))).toBe(0);
  expect(values.valueOf("graphward_database_waiting", { pool: "requests" })).toBeGreaterThanOrEqual(1);
  released.resolve();
  await Promise.all([...holding, waiting]);
  expect((await scrape(app)).valueOf("graphward_database_waiting", { pool: "requests" })).toBe(0);
});

test("open subscriptions, and how many there may be", async () => {
  const streams = async (state: string) => (await scrape(app)).valueOf("graphward_streams", { state });
  expect([await streams("open"), await streams("most")]).toEqual([0, app.config.maxStreams]);
  const client = await logInAs(app, await app.createUser());
  const opened = [
    await openStream(app, client, "subscription { sessionsChanged { id } }"),
    await openStream(app, client, "subscription { auditEventAdded { id } }"),
  ];
  expect(await streams("open")).toBe(2);
  for (const stream of opened) stream.close();
  await expect.poll(() => streams("open")).toBe(0);
});

test("the process: processor, memory, descriptors, and how late the event loop is", async () => {
  const values = await scrape(app);
  for (const name of [
    "process_cpu_seconds_total",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "nodejs_heap_size_used_bytes",
    "nodejs_eventloop_lag_p99_seconds",
  ])
    expect([name, values.valueOf(name)]).toEqual([name, expect.any(Number)]);
  expect(values.valueOf("process_cpu_seconds_total")).toBeGreaterThan(0);
  // They would list each connection at every scrape.
  expect(
    values.series.filter(({ name }) => /active_handles|active_requests|active_resources/.test(name)),
  ).toEqual([]);
});
