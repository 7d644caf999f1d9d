import { Secret } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTotpStep } from "../../../src/auth/factors/totp.ts";
import { Client } from "../../harness/client.ts";
import { type App, startApp } from "../../harness/server.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  ConfirmTotpDocument,
  PrivateDocument,
  SecondFactorsDocument,
  StartTotpDocument,
} from "../../operations/generated/graphql.ts";

let app: App;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });

describe("a login of a user with an authenticator app", () => {
  test("answers with a challenge and nothing else: no session, no token, no cookie but the pending one", async () => {
    const { user } = await enrolTotp(app, await newUser());
    const before = await sessionsOf(user.id);
    const { client, challenge } = await beginLogin(app, user);
    expect(challenge).toMatchObject({ methods: ["TOTP", "RECOVERY_CODE"] });
    expect(challenge.pendingToken).toMatch(/^gwp_[0-9A-Za-z]{49}$/);
    expect([...client.cookies.keys(), ...client.deviceCookies.keys()]).toEqual(["graphward-pending"]);
    expect(await sessionsOf(user.id)).toBe(before);
    expect((await client.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test("is complete with the code, and then opens what is private with cookie and token", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const client = await logInWithCode(app, user, codeOf(secret));
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    expect((await new Client(app, { cookies: client.cookies }).run(PrivateDocument)).codes).toEqual([]);
    expect((await new Client(app, { token: client.token }).run(PrivateDocument)).codes).toEqual([]);
    expect(client.cookies.has("graphward-pending")).toBe(false);
  });

  test("refuses a code a second time, also when it comes twice at once, and the code that enrolled", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const refused = async (code: string) => {
      const { client, pendingToken } = await beginLogin(app, user);
      return (await client.run(CompleteLoginDocument, { pendingToken, code })).codes;
    };
    expect(await refused(codeOf(secret, { steps: -1 }))).toEqual(["INVALID_CREDENTIALS"]);
    const code = codeOf(secret);
    const begun = await Promise.all(Array.from({ length: 8 }, () => beginLogin(app, user)));
    const answers = await Promise.all(
      begun.map(({ client, pendingToken }) => client.run(CompleteLoginDocument, { pendingToken, code })),
    );
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(1);
    expect(await refused(code)).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("accepts a code with spaces, and the one after the present, by a clock that runs ahead", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const code = codeOf(secret, { steps: 1 });
    await logInWithCode(app, user, `${code.slice(0, 3)} ${code.slice(3)}`);
  });

  test("accepts a recovery code once, however it is typed", async () => {
    const { user, client, recoveryCodes } = await enrolTotp(app, await newUser());
    const [recoveryCode = ""] = recoveryCodes;
    expect(recoveryCodes).toHaveLength(10);
    const answers = [];
    for (const typed of [recoveryCode.toUpperCase().replaceAll("-", " "), recoveryCode]) {
      const { client: other, pendingToken } = await beginLogin(app, user);
      answers.push(await other.run(CompleteLoginDocument, { pendingToken, recoveryCode: typed }));
    }
    expect(answers.map(({ codes }) => codes)).toEqual([[], ["INVALID_CREDENTIALS"]]);
    expect((await client.run(SecondFactorsDocument)).data?.secondFactors?.recoveryCodesLeft).toBe(9);
  });
});

test("a new secret counts only once a right code has come, and does not disturb the one in use", async () => {
  const { user, client, secret } = await enrolTotp(app, await newUser());
  const next = (await client.run(StartTotpDocument)).data?.startTotp?.secret ?? "";
  expect((await client.run(ConfirmTotpDocument, { code: codeOf(secret) })).codes).toEqual([
    "INVALID_CREDENTIALS",
  ]);
  await logInWithCode(app, user, codeOf(secret));
  expect((await client.run(ConfirmTotpDocument, { code: codeOf(next) })).codes).toEqual([]);
  await logInWithCode(app, user, codeOf(next, { steps: 1 }));
});

describe("computes the code of RFC 6238 for the second", () => {
  // RFC 6238, appendix B, for SHA-1. Its codes have eight digits; ours are the last six of them.
  test.each([
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ])("%d", (second, code) => {
    const secret = Buffer.from("12345678901234567890");
    const step = Math.floor(second / 30);
    expect(findTotpStep(secret, code.slice(2), second * 1000)).toBe(step);
    expect(findTotpStep(secret, code.slice(2), (second + 30) * 1000)).toBe(step);
    expect(findTotpStep(secret, code.slice(2), (second - 30) * 1000)).toBe(step);
    expect(findTotpStep(secret, code.slice(2), (second + 60) * 1000)).toBeNull();
  });
});

test("the secret is shown as text, as an otpauth: URI and as a QR code, and stored sealed", async () => {
  const user = await newUser();
  const client = new Client(app);
  await client.logIn(user);
  const started = (await client.run(StartTotpDocument)).data?.startTotp;
  expect(started?.secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(started?.uri).toBe(
    `otpauth://totp/localhost:${user.username}?issuer=localhost&secret=${started?.secret}&algorithm=SHA1&digits=6&period=30`,
  );
  expect(started?.qrSvg).toMatch(/^<svg /);
  const row = await app.database
    .selectFrom("totp_factors")
    .select("pending_sealed_secret as sealed")
    .where("user_id", "=", user.id)
    .executeTakeFirstOrThrow();
  const plain = Buffer.from(Secret.fromBase32(started?.secret ?? "").bytes);
  expect(row.sealed?.includes(plain)).toBe(false);
});

test("a sealed secret that is copied to another user's row opens nothing", async () => {
  const victim = await enrolTotp(app, await newUser());
  const thief = await enrolTotp(app, await newUser());
  const { sealed } = await app.database
    .selectFrom("totp_factors")
    .select("sealed_secret as sealed")
    .where("user_id", "=", thief.user.id)
    .executeTakeFirstOrThrow();
  await app.database
    .updateTable("totp_factors")
    .set({ sealed_secret: sealed })
    .where("user_id", "=", victim.user.id)
    .execute();
  const { client, pendingToken } = await beginLogin(app, victim.user);
  const answer = await client.run(CompleteLoginDocument, { pendingToken, code: codeOf(thief.secret) });
  expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
});

const sessionsOf = async (userId: string) =>
  (await app.database.selectFrom("sessions").select("id").where("user_id", "=", userId).execute()).length;
