import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { MailMessage } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import { bringForward, jobsOf, readOutbox, send, sendLink, until } from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";

let app: App;
let user: User;
let fail: (message: MailMessage, signal: AbortSignal) => Promise<void> | void = () => undefined;
const received: MailMessage[] = [];
beforeAll(async () => {
  app = await startApplication(
    {
      brand: { name: "Example" },
      mail: {
        transport: async (message, { signal }) => {
          await fail(message, signal);
          received.push(message);
        },
      },
    },
    { PUBLIC_URL: "https://api.example.com" },
  );
});
afterAll(() => app.close());
beforeEach(async () => {
  received.length = 0;
  fail = () => undefined;
  user = await app.createUser({ email: `${Math.random().toString(36).slice(2)}@example.org` });
});

const settled = () => until(async () => (await jobsOf(app.database)).length === 0);

test("an application's transport gets each message, and the outbox none", async () => {
  await sendLink(app, {
    template: "reset-password",
    purpose: "reset-password",
    userId: user.id,
    sentTo: user.email ?? "",
  });
  await settled();
  expect(received).toEqual([
    {
      from: { name: "Example", address: "no-reply@api.example.com" },
      to: user.email,
      subject: "Choose a new password",
      text: expect.stringMatching(/https:\/\/api\.example\.com\/account\/reset#token=\w{43}\n/),
      html: expect.stringContaining('<html lang="en" dir="ltr">'),
      messageId: expect.stringMatching(/^<\d{13}\.\d+@api\.example\.com>$/),
      template: "reset-password",
    },
  ]);
  expect(await readOutbox(app.config.dataDir)).toEqual([]);
});

test("one that fails is called again with the same id, and its error's text is neither stored nor logged", async () => {
  const ids: string[] = [];
  fail = ({ messageId, text }) => {
    ids.push(messageId);
    if (ids.length === 1) throw Object.assign(new Error(`key-canary ${text}`), { status: 502 });
    if (ids.length === 2) throw Object.assign(new Error("x"), { name: `key-canary ${text}` });
  };
  await send(app, { template: "password-changed", userId: user.id });
  const errors: (string | null)[] = [];
  for (const attempt of [1, 2]) {
    const job = await until(async () =>
      (await jobsOf(app.database)).find((it) => it.attempts === attempt && it.locked_by === null),
    );
    errors.push(job.last_error);
    await bringForward(app.database);
  }
  await settled();
  expect(errors).toEqual(["mail.transport failed: Error 502", "mail.transport failed: Error"]);
  expect(new Set(ids).size).toBe(1);
  expect(received).toHaveLength(1);
  const log = app.log.join("");
  for (const canary of ["key-canary", user.email, "Hello"]) expect(log).not.toContain(canary);
});

test("one that never answers is cut off when the server ends", async () => {
  let given: AbortSignal | null = null;
  fail = (_message, signal) => {
    given = signal;
    return new Promise<void>(() => undefined);
  };
  const hanging = await startApplication(
    { mail: { transport: async (message, { signal }) => fail(message, signal) } },
    { PUBLIC_URL: "https://api.example.com" },
  );
  const owner = await hanging.createUser({ email: "hanging@example.org" });
  await send(hanging, { template: "password-changed", userId: owner.id });
  const signal = await until(() => given);
  const closed = hanging.close();
  await until(() => signal.aborted);
  await closed;
});
