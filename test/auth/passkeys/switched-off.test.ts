import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type App, startApp, startTwoServers } from "../../harness/server.ts";
import {
  beginPasskeyLogin,
  beginSecondStep,
  enrolPasskey,
  type WithPasskey,
} from "../../harness/sign-in/passkeys.ts";
import {
  AddPasskeyDocument,
  CompleteLoginDocument,
  CompleteLoginWithPasskeyDocument,
  ExportMyDataDocument,
  LoginWithPasskeyDocument,
  OfferedLoginMethodsDocument,
  PasskeysDocument,
  ReauthenticateWithPasskeyDocument,
  RemovePasskeyDocument,
  RenamePasskeyDocument,
  StartPasskeyDocument,
  StartPasskeyLoginDocument,
  StartPasskeyReauthenticationDocument,
  StartTotpDocument,
} from "../../operations/generated/graphql.ts";

let here: App;
let off: App;
let alice: WithPasskey;

beforeAll(async () => {
  ({ here, there: off } = await startTwoServers({}, { PASSKEYS: "off" }));
  alice = await enrolPasskey(here, await here.createUser({ email: "alice@example.org" }));
});
afterAll(() => here.close());

describe("with PASSKEYS=off", () => {
  test("every operation of passkeys is forbidden, and the list stays", async () => {
    const { pendingToken } = await beginPasskeyLogin(here);
    const step = await beginSecondStep(off, alice.user);
    const client = new Client(off, { token: alice.client.token });
    const { id } = alice;
    const answers = [
      await client.run(StartPasskeyDocument),
      await client.run(AddPasskeyDocument, { response: {} }),
      await client.run(RenamePasskeyDocument, { id, name: "x" }),
      await client.run(RemovePasskeyDocument, { id }),
      await client.run(ReauthenticateWithPasskeyDocument, { passkey: {} }),
      await new Client(off).run(StartPasskeyLoginDocument),
      await new Client(off).run(LoginWithPasskeyDocument, { pendingToken, response: {}, mode: "TOKEN" }),
      await step.client.run(CompleteLoginWithPasskeyDocument, {
        pendingToken: step.pendingToken,
        passkey: {},
      }),
    ];
    expect(answers.map(({ codes }) => codes)).toEqual(answers.map(() => ["FORBIDDEN"]));
    expect((await client.run(PasskeysDocument)).data?.passkeys).toHaveLength(1);
    const offered = async (app: App) =>
      (await new Client(app).run(OfferedLoginMethodsDocument)).data?.loginMethods.passkey;
    expect([await offered(here), await offered(off)]).toEqual([true, false]);
  });

  test("a passkey still asks for a second step, and a recovery code completes it", async () => {
    const { client, methods, options, pendingToken } = await beginSecondStep(off, alice.user);
    expect(methods).toEqual(["RECOVERY_CODE"]);
    expect(options).toBeNull();
    const [recoveryCode = ""] = alice.recoveryCodes;
    const answer = await client.run(CompleteLoginDocument, { pendingToken, recoveryCode });
    expect(answer.data?.completeLogin?.userId).toBe(alice.user.id);
    const started = await client.run(StartPasskeyReauthenticationDocument);
    expect(started.data?.startReauthentication).toEqual({ methods: ["RECOVERY_CODE"], passkeyOptions: null });
  });

  test("no refusal of a sensitive act names them", async () => {
    const strict = await startApp({
      DATABASE_URL: here.config.databaseUrl ?? "",
      SESSION_SECRET: here.config.sessionSecrets.join(),
      PASSKEYS: "off",
      SECOND_FACTOR: "required",
    });
    try {
      await here.database
        .updateTable("sessions")
        .set({ second_factor_at: null })
        .where("user_id", "=", alice.user.id)
        .execute();
      const methodsOf = async (app: App) => {
        const answer = await new Client(app, { token: alice.client.token }).run(StartTotpDocument);
        return answer.errors[0]?.extensions.methods;
      };
      expect(await methodsOf(here)).toEqual(["PASSKEY", "RECOVERY_CODE"]);
      expect(await methodsOf(off)).toEqual(["RECOVERY_CODE"]);
      const duty = await new Client(strict, { token: alice.client.token }).run(ExportMyDataDocument);
      expect(duty.errors[0]?.extensions).toMatchObject({
        code: "REAUTHENTICATION_REQUIRED",
        methods: ["TOTP", "RECOVERY_CODE"],
      });
    } finally {
      await strict.close();
    }
  });

  test("a refusal says that they are switched off", async () => {
    const answer = await new Client(off).run(StartPasskeyLoginDocument);
    expect(answer.errors[0]?.message).toBe("Login with passkeys is switched off on this server.");
  });
});
