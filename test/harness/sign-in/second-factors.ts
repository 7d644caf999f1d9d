// An authenticator app, and users who have one.
import { Secret, TOTP } from "otpauth";
import type { LoginMode } from "../../../src/testing/client.ts";
import {
  CompleteLoginDocument,
  ConfirmTotpDocument,
  LogInDocument,
  StartTotpDocument,
} from "../../operations/generated/graphql.ts";
import { Client } from "../client.ts";
import { note } from "../logs/canaries.ts";
import type { App, User } from "../server.ts";

/** The code that an app shows, or that it showed so many steps of 30 seconds ago. */
export const codeOf = (secret: string, { steps = 0 } = {}): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

export interface Enrolled {
  readonly user: User;
  /** The session that added the factor. */
  readonly client: Client;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** The code of the step before enrols, so that the present one is new. */
export const enrolTotp = async (app: App, user: User): Promise<Enrolled> => {
  const client = new Client(app);
  await client.logIn(user);
  const started = await client.run(StartTotpDocument);
  const secret = started.data?.startTotp?.secret;
  if (secret === undefined) throw new Error(`startTotp failed: ${started.text}`);
  note("second factor", secret);
  const confirm = () => client.run(ConfirmTotpDocument, { code: codeOf(secret, { steps: -1 }) });
  const first = await confirm();
  // The half minute was over before the server looked: its code of before is now too old.
  const confirmed = first.codes.includes("INVALID_CREDENTIALS") ? await confirm() : first;
  const recoveryCodes = confirmed.data?.confirmTotp?.recoveryCodes;
  if (recoveryCodes === undefined) throw new Error(`confirmTotp failed: ${confirmed.text}`);
  for (const code of recoveryCodes) note("second factor", code);
  return { user, client, secret, recoveryCodes };
};

/** Gives the password. Returns the client whose login waits, and its pending token. */
export const beginLogin = async (
  app: App,
  user: User,
  { client = new Client(app), mode = "SESSION_AND_TOKEN" as LoginMode } = {},
) => {
  const answer = await client.run(LogInDocument, { ...user, mode });
  const challenge = answer.data?.login?.challenge;
  if (!challenge) throw new Error(`The login was not asked for a second factor: ${answer.text}`);
  note("token", challenge.pendingToken);
  return { client, challenge, pendingToken: challenge.pendingToken };
};

/** The whole login, with the password and a code. */
export const logInWithCode = async (
  app: App,
  user: User,
  code: string,
  { trustBrowser = false, client = new Client(app), mode = "SESSION_AND_TOKEN" as LoginMode } = {},
): Promise<Client> => {
  const { pendingToken } = await beginLogin(app, user, { client, mode });
  const answer = await client.run(CompleteLoginDocument, { pendingToken, code, trustBrowser });
  const login = answer.data?.completeLogin;
  if (!login?.userId) throw new Error(`The second step failed: ${answer.text}`);
  client.token = login.token ?? null;
  return client;
};
