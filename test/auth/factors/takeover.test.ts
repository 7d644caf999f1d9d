import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail } from "../../harness/server.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import { LogInDocument, SecondFactorsDocument } from "../../operations/generated/graphql.ts";

let app: AppWithMail;

beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });
const linkTo = async (email: string, subject: RegExp) =>
  secretIn(await until(() => messagesTo(app.mail.received, email, subject)[0]));

const changeEmail = async (client: Client, email: string) => {
  expect((await client.run(`mutation { changeEmail(email: "${email}") { message } }`)).codes).toEqual([]);
  const token = await linkTo(email, /new email/i);
  const { codes } = await new Client(app).run(
    `mutation { confirmEmailChange(token: "${token}") { message } }`,
  );
  expect(codes).toEqual([]);
};

const newPassword = "a passphrase after the reset";
/** Uses the link of the first mail. */
const resetPassword = async (email: string) => {
  const token = await linkTo(email, /choose a new password/i);
  return new Client(app).run(
    `mutation { resetPassword(token: "${token}", newPassword: "${newPassword}") { message } }`,
  );
};

describe("a reset by mail", () => {
  test("neither removes a second factor nor passes it: who reads the mailbox only is still asked", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const email = user.email ?? "";
    await new Client(app).run(`mutation { requestPasswordReset(email: "${email}") { message } }`);
    expect((await resetPassword(email)).codes).toEqual([]);
    const renewed = { ...user, password: newPassword };
    const { client, challenge } = await beginLogin(app, renewed);
    expect(challenge.methods).toEqual(["TOTP", "RECOVERY_CODE"]);
    expect((await client.run("{ private { message } }")).codes).toEqual(["UNAUTHENTICATED"]);
    await logInWithCode(app, renewed, codeOf(secret));
  });
});

describe("a change of the email that is undone", () => {
  test("takes the thief's second factor away, which would lock the owner out", async () => {
    const user = await newUser();
    const thief = new Client(app);
    await thief.logIn(user);
    await changeEmail(thief, `thief-${user.email}`);
    await enrolTotp(app, user);
    const undo = await linkTo(user.email, /your email was changed/i);
    await new Client(app).run(`mutation { undoEmailChange(token: "${undo}") { message } }`);
    // The undo has sent the link.
    expect((await resetPassword(user.email)).codes).toEqual([]);
    const owner = new Client(app);
    const { data } = await owner.run(LogInDocument, { ...user, password: newPassword });
    expect(data?.login?.userId).toBe(user.id);
    owner.token = data?.login?.token ?? null;
    expect((await owner.run(SecondFactorsDocument)).data?.secondFactors).toMatchObject({
      totp: null,
      recoveryCodesLeft: 0,
    });
  });

  test("takes one away that the thief added before the change, too", async () => {
    const { user, client } = await enrolTotp(app, await newUser());
    const email = user.email ?? "";
    await changeEmail(client, `thief-${email}`);
    const undo = await linkTo(email, /your email was changed/i);
    await new Client(app).run(`mutation { undoEmailChange(token: "${undo}") { message } }`);
    expect((await resetPassword(email)).codes).toEqual([]);
    const { data } = await new Client(app).run(LogInDocument, { ...user, password: newPassword });
    expect(data?.login?.userId).toBe(user.id);
  });

  test("leaves the second factor that the owner has had for more than a week", async () => {
    const { user, client, secret } = await enrolTotp(app, await newUser());
    await app.database
      .updateTable("totp_factors")
      .set({ confirmed_at: sql<Date>`confirmed_at - interval '8 days'` })
      .where("user_id", "=", user.id)
      .execute();
    const email = user.email ?? "";
    await changeEmail(client, `other-${email}`);
    const undo = await linkTo(email, /your email was changed/i);
    await new Client(app).run(`mutation { undoEmailChange(token: "${undo}") { message } }`);
    // The undo has sent the link.
    expect((await resetPassword(email)).codes).toEqual([]);
    await logInWithCode(app, { ...user, password: newPassword }, codeOf(secret));
  });
});

test("each change of a factor, and each use of a recovery code, is told to the owner by mail", async () => {
  const { user, client, secret, recoveryCodes } = await enrolTotp(app, await newUser());
  const email = user.email ?? "";
  await until(() => messagesTo(app.mail.received, email, /second factor was added/i)[0]);
  const { client: other, pendingToken } = await beginLogin(app, user);
  const recoveryCode = recoveryCodes[0] ?? "";
  const used = await other.run(
    `mutation { completeLogin(pendingToken: "${pendingToken}", recoveryCode: "${recoveryCode}") { userId } }`,
  );
  expect(used.codes).toEqual([]);
  const mail = await until(() => messagesTo(app.mail.received, email, /recovery code was used/i)[0]);
  expect(mail.text).toContain("Codes that are left: 9.");
  await client.run("mutation { regenerateRecoveryCodes { message } }");
  await until(() => messagesTo(app.mail.received, email, /new recovery codes/i)[0]);
  await client.run("mutation { removeTotp { message } }");
  await until(() => messagesTo(app.mail.received, email, /second factor was removed/i)[0]);
  for (const { text } of messagesTo(app.mail.received, email, /./)) {
    expect(text).not.toContain(secret);
    for (const code of recoveryCodes) expect(text).not.toContain(code);
  }
});
