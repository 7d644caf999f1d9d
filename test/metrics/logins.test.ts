import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { until } from "../harness/mail/mail.ts";
import { type ProviderApp, startProviderApp } from "../harness/providers/app.ts";
import { newPerson } from "../harness/providers/honest.ts";
import { growthBy, scrape, withMetrics } from "../harness/scrape.ts";
import { codeIn, requestCode } from "../harness/sign-in/mailed-codes.ts";
import { createKey, enrolPasskey, logInWithPasskey } from "../harness/sign-in/passkeys.ts";
import { beginLogin, codeOf, enrolTotp } from "../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  LogInDocument,
  LogInWithCodeDocument,
} from "../operations/generated/graphql.ts";

let app: ProviderApp;
beforeAll(async () => {
  app = await startProviderApp({}, { ...withMetrics, LOGIN_CODES: "on" });
});
afterAll(() => app.close());

const newEmail = () => `${crypto.randomUUID()}@example.org`;
const newUser = () => app.createUser({ email: newEmail() });
const by = (way: string, outcome: string, act: () => Promise<unknown>) =>
  growthBy(app, "graphward_logins_total", { way, outcome }, act);

test("every way and outcome is there from the start, so that the first one is seen to grow", async () => {
  const { series } = await scrape(app);
  const ways = series.filter(({ name }) => name === "graphward_logins_total");
  expect(ways).toHaveLength(5 * 6);
});

test("a password, right and wrong, and for nobody", async () => {
  const user = await newUser();
  const logIn = (password: string, username = user.username) =>
    new Client(app).run(LogInDocument, { username, password, mode: "TOKEN" });
  expect(await by("password", "ok", () => logIn(user.password))).toBe(1);
  expect(await by("password", "refused", () => logIn("not the right one"))).toBe(1);
  expect(await by("password", "refused", () => logIn("not the right one", "nobody-at-all"))).toBe(1);
});

test("a second step: asked for, wrong, and right", async () => {
  const user = await newUser();
  const { secret } = await enrolTotp(app, user);
  let waiting: Awaited<ReturnType<typeof beginLogin>> | undefined;
  expect(
    await by("password", "second_step_asked", async () => {
      waiting = await beginLogin(app, user);
    }),
  ).toBe(1);
  const complete = (code: string) =>
    waiting?.client.run(CompleteLoginDocument, {
      pendingToken: waiting.pendingToken,
      code,
      trustBrowser: false,
    }) ?? Promise.reject();
  const wrong = codeOf(secret) === "000000" ? "000001" : "000000";
  expect(await by("second_step", "refused", () => complete(wrong))).toBe(1);
  expect(await by("second_step", "ok", () => complete(codeOf(secret)))).toBe(1);
});

test("a mailed code, wrong and right", async () => {
  const user = await newUser();
  const { client, pendingToken } = await requestCode(app, user.email);
  const code = await until(async () => {
    const [mail] = messagesTo(app.mail.received, user.email, /Your code/);
    return mail && codeIn(mail.text ?? "");
  });
  const spend = (code: string) => client.run(LogInWithCodeDocument, { pendingToken, code });
  expect(await by("mailed_code", "refused", () => spend("AAAA-AAAA"))).toBe(1);
  expect(await by("mailed_code", "ok", () => spend(code))).toBe(1);
});

test("a passkey, of a user and of nobody", async () => {
  const { key } = await enrolPasskey(app, await newUser());
  expect(await by("passkey", "ok", () => logInWithPasskey(app, key))).toBe(1);
  const unknown = createKey(key.userHandle);
  expect(await by("passkey", "refused", () => logInWithPasskey(app, unknown))).toBe(1);
});

test("a provider: in, denied by the person, and a callback that nobody waits for", async () => {
  const person = newPerson({ email: newEmail(), email_verified: true });
  expect(await by("provider", "ok", () => app.logIn(person))).toBe(1);
  expect(await by("provider", "refused", () => app.logIn(null))).toBe(1);
  expect(
    await by("provider", "refused", () => fetch(`${app.origin}/login/honest/callback?state=x&code=y`)),
  ).toBe(1);
});
