import { request } from "node:http";
import { availableParallelism } from "node:os";
import argon2 from "argon2";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { noApplication } from "../../../src/application/application.ts";
import { withHashPermit } from "../../../src/auth/passwords/hash-queue.ts";
import { Client } from "../../harness/client.ts";
import { until } from "../../harness/mail/mail.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import {
  LogInDocument,
  PrivateDocument,
  ReauthenticateDocument,
  RegisterDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let user: User;
let jar: Client;
beforeAll(async () => {
  app = await startApp();
  user = await app.createUser();
  jar = new Client(app);
  await jar.logIn(user);
});
afterAll(() => app.close());

// The server runs in this process, and stands in the same queue.
const places = Math.min(Math.max(1, availableParallelism() - 1), 3);
const maxQueueLength = 64;

/** A hash that ends when it is told to. */
const hold = (withPermit = withHashPermit) => {
  const end = Promise.withResolvers<void>();
  const state = { hasBegun: false };
  const done = withPermit(async () => {
    state.hasBegun = true;
    await end.promise;
  });
  done.catch(() => undefined);
  return { state, done, end: end.resolve };
};
type Hold = ReturnType<typeof hold>;
let held: Hold[] = [];
const holdAll = (count: number): Hold[] => {
  const made = Array.from({ length: count }, () => hold());
  held.push(...made);
  return made;
};
afterEach(async () => {
  vi.useRealTimers();
  for (const { end } of held) end();
  await Promise.allSettled(held.map(({ done }) => done));
  held = [];
});
const begun = (holds: readonly Hold[]) => holds.filter(({ state }) => state.hasBegun).length;
const guess = () => new Client(app).run(LogInDocument, { ...user, password: "not the right password" });
/** Only the waits of those in the queue: whoever stands there stands there until the test is done. */
const stopWaiting = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

test("at once, one hash less runs than there are cores, at least one and at most three", async () => {
  const atOnce = { 1: 1, 2: 1, 3: 2, 4: 3, 64: 3 };
  for (const [cores, expected] of Object.entries(atOnce)) {
    vi.resetModules();
    vi.doMock("node:os", () => ({ availableParallelism: () => Number(cores) }));
    const fresh = await import("../../../src/auth/passwords/hash-queue.ts");
    vi.doUnmock("node:os");
    const holds = Array.from({ length: 10 }, () => hold(fresh.withHashPermit));
    expect([cores, begun(holds)]).toEqual([cores, expected]);
    for (const { end } of holds) end();
    await Promise.all(holds.map(({ done }) => done));
  }
});

describe("while every place is taken", () => {
  test("64 logins wait, the next is told to come later, other requests go on, and all who waited are served", async () => {
    stopWaiting();
    const running = holdAll(places);
    expect(begun(running)).toBe(places);
    const answers: Awaited<ReturnType<typeof guess>>[] = [];
    const asked = Array.from({ length: maxQueueLength + 1 }, () =>
      guess().then((answer) => void answers.push(answer)),
    );
    // One is answered: then all others stand in the queue, which is full.
    await expect.poll(() => answers.length, { timeout: 30_000 }).toBe(1);
    expect([answers[0]?.status, answers[0]?.codes, answers[0]?.headers.get("retry-after")]).toEqual([
      503,
      ["SERVICE_UNAVAILABLE"],
      "1",
    ]);
    expect((await guess()).status).toBe(503);
    expect((await jar.run(PrivateDocument)).codes).toEqual([]);
    expect(answers).toHaveLength(1);

    for (const { end } of running) end();
    await Promise.all(asked);
    expect(answers.slice(1).map(({ codes }) => codes)).toEqual(
      Array.from({ length: maxQueueLength }, () => ["INVALID_CREDENTIALS"]),
    );
  });

  test("who is turned away has tried nothing: no budget is spent, of a login or of proving it again", async () => {
    // The modules were reset: an application would have another User than the server.
    const limited = await startApp({ RATE_LIMITS: "login.ip=1000/1m" }, noApplication);
    const alice = await limited.createUser();
    const client = new Client(limited);
    await client.logIn(alice, "TOKEN");
    const password = "not the right password";
    const tries = [
      () => client.run(LogInDocument, { ...alice, password }),
      () => client.run(ReauthenticateDocument, { password }),
    ];
    try {
      stopWaiting();
      holdAll(places + maxQueueLength);
      for (const attempt of tries)
        for (let count = 1; count <= 5; count += 1)
          expect((await attempt()).codes).toEqual(["SERVICE_UNAVAILABLE"]);
      vi.useRealTimers();
      for (const { end } of held) end();
      await Promise.all(held.map(({ done }) => done));
      for (const attempt of tries) {
        for (let count = 1; count <= 5; count += 1)
          expect((await attempt()).codes).toEqual(["INVALID_CREDENTIALS"]);
        expect((await attempt()).codes).toEqual(["RATE_LIMITED"]);
      }
    } finally {
      await limited.close();
    }
  });

  test("a new password waits in the same queue", async () => {
    stopWaiting();
    holdAll(places + maxQueueLength);
    const input = {
      username: "turned-away",
      email: "turned-away@example.org",
      password: "a quiet tram at dawn",
    };
    expect((await new Client(app).run(RegisterDocument, { input })).codes).toEqual(["SERVICE_UNAVAILABLE"]);
  });

  test("a wait ends after 2 seconds, and gives the place in the queue back", async () => {
    stopWaiting();
    const running = holdAll(places);
    const waiting = holdAll(maxQueueLength);
    await expect(hold().done).rejects.toThrow();
    let refused = 0;
    for (const { done } of waiting) done.catch(() => (refused += 1));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(refused).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(refused).toBe(maxQueueLength);
    const [next] = holdAll(1);
    for (const { end } of running) end();
    next?.end();
    await expect(next?.done).resolves.toBeUndefined();
    expect(begun(waiting)).toBe(0);
  });

  test("who waits is let in by turns, one for each hash that ends, whether it ends well or not", async () => {
    const running = holdAll(places - 1);
    const failing = Promise.withResolvers<void>();
    const failed = withHashPermit(() => failing.promise);
    const waiting = holdAll(3);
    expect(begun(waiting)).toBe(0);
    failing.reject(new Error("no memory"));
    await expect(failed).rejects.toThrow("no memory");
    await expect.poll(() => begun(waiting)).toBe(1);
    expect(waiting[0]?.state.hasBegun).toBe(true);
    waiting[0]?.end();
    await waiting[0]?.done;
    await expect.poll(() => begun(waiting)).toBe(2);
    expect(begun(running)).toBe(places - 1);
  });

  test("a client that goes away gives its place back only when its hash has ended", async () => {
    const impatient = await app.createUser();
    const slow = { type: argon2.argon2id, memoryCost: 65_536, timeCost: 10, parallelism: 1 } as const;
    const password_hash = await argon2.hash(impatient.password, slow);
    await app.database.updateTable("users").set({ password_hash }).where("id", "=", impatient.id).execute();
    const verify = vi.spyOn(argon2, "verify");
    holdAll(places - 1);
    const { username, password } = impatient;
    const body = JSON.stringify({
      query: `mutation { login(username: "${username}", password: "${password}") { userId } }`,
    });
    const sent = request(app.url, { method: "POST", headers: { "content-type": "application/json" } });
    sent.on("error", () => undefined);
    const gone = new Promise((resolve) => sent.on("close", resolve));
    sent.end(body);
    await until(() => verify.mock.results.length > 0);
    sent.destroy();
    await gone;
    stopWaiting();
    const [next] = holdAll(1);
    expect((await jar.run(PrivateDocument)).codes).toEqual([]);
    expect(next?.state.hasBegun).toBe(false);
    await verify.mock.results[0]?.value;
    verify.mockRestore();
    await expect.poll(() => next?.state.hasBegun).toBe(true);
  });
});
