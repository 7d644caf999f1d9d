import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail } from "../../harness/server.ts";
import {
  assert,
  beginPasskeyLogin,
  enrolPasskey,
  type Key,
  logInWithPasskey,
} from "../../harness/sign-in/passkeys.ts";
import { LoginWithPasskeyDocument, PasskeysDocument } from "../../operations/generated/graphql.ts";

let app: AppWithMail;

beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });
const codesOf = async (key: Key, counter?: number) =>
  (await logInWithPasskey(app, key, counter === undefined ? {} : { counter })).answer.codes;
const fallsOf = async ({ id }: { readonly id: string }) => {
  const events = await app.database
    .selectFrom("audit_events")
    .select("details")
    .where("user_id", "=", id)
    .where("type", "=", "PASSKEY_COUNTER_FELL")
    .execute();
  return events.map(({ details }) => (details as unknown as { readonly isAccepted: boolean }).isAccepted);
};

describe("the counter of a passkey", () => {
  test("stays at 0 in an authenticator without one", async () => {
    const { user, key, client } = await enrolPasskey(app, await newUser());
    expect([await codesOf(key), await codesOf(key)]).toEqual([[], []]);
    expect(await fallsOf(user)).toEqual([]);
    const [passkey] = (await client.run(PasskeysDocument)).data?.passkeys ?? [];
    expect(passkey?.lastUsedAt).not.toBeNull();
  });

  test("refuses a passkey of one device when it falls or stays, tells the owner, and records it", async () => {
    const user = await newUser();
    const { key } = await enrolPasskey(app, user, { counter: 5 });
    expect(await codesOf(key)).toEqual([]);
    for (const counter of [6, 5, 0]) expect(await codesOf(key, counter)).toEqual(["INVALID_CREDENTIALS"]);
    expect(await codesOf(key, 7)).toEqual([]);
    expect(await fallsOf(user)).toEqual([false, false, false]);
    const mail = await until(() => messagesTo(app.mail.received, user.email, /may have been copied/)[0]);
    expect(mail.text).toContain("It was refused.");
  });

  test("is judged after the signature: a wrong one sends no mail", async () => {
    const { user, key } = await enrolPasskey(app, await newUser(), { counter: 5 });
    const { answer } = await logInWithPasskey(app, key, { counter: 1, userVerified: false });
    expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(await fallsOf(user)).toEqual([]);
  });

  test("lets a passkey with copies pass when it falls, once: then it counts from there", async () => {
    const synced = { counter: 5, backupEligible: true, backedUp: true };
    const user = await newUser();
    const { key, client } = await enrolPasskey(app, user, synced);
    expect(await codesOf(key, 2)).toEqual([]);
    expect(await codesOf(key, 3)).toEqual([]);
    expect(await fallsOf(user)).toEqual([true]);
    const mail = await until(() => messagesTo(app.mail.received, user.email, /may have been copied/)[0]);
    expect(mail.text).toContain("It was accepted");
    expect((await client.run(PasskeysDocument)).data?.passkeys).toMatchObject([{ backedUp: true }]);
  });

  test("is judged by what was stored: a copy that says it is backed up gains nothing", async () => {
    const { user, key } = await enrolPasskey(app, await newUser(), { counter: 5, backupEligible: true });
    const { answer } = await logInWithPasskey(app, key, { counter: 2, backedUp: true });
    expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(await fallsOf(user)).toEqual([false]);
    key.backedUp = true;
    expect(await codesOf(key)).toEqual([]);
    expect(await codesOf(key, 1)).toEqual([]);
  });

  test("lets one of two uses with the same count pass, at the same moment", async () => {
    const { key } = await enrolPasskey(app, await newUser(), { counter: 5 });
    const begun = await Promise.all(Array.from({ length: 6 }, () => beginPasskeyLogin(app)));
    const answers = await Promise.all(
      begun.map(({ client, pendingToken, options }) =>
        client.run(LoginWithPasskeyDocument, {
          pendingToken,
          response: assert(key, options, { counter: 6 }),
        }),
      ),
    );
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
  });
});
