// Logs in with a mailed code: request it, check it, prove the mailbox, then start the session or ask for a second factor.
import type { Database } from "../../database/tables.ts";
import {
  done,
  invalidCredentials,
  invalidPendingLogin,
  type Result,
  refused,
  switchedOff,
} from "../../errors.ts";
import { isMailedCode } from "../challenges/code-secrets.ts";
import { insertLoginCode } from "../challenges/mailed-codes.ts";
import { endChallenge, tryChallenge, type WantedCredentials } from "../challenges/rows.ts";
import type { Context } from "../context.ts";
import { randomSecret } from "../secrets/secret.ts";
import { startSession } from "../sessions/start.ts";
import { withoutEdges } from "../text/edges.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { proveMailbox } from "./mailbox-proof.ts";
import { askingOf } from "./mailed-proof.ts";

export interface RequestedCode {
  readonly pendingToken: string;
  readonly expiresAt: Date;
}

/**
 * Runs the same statements for every email: only the mail worker looks for the user, and only the mail shows the result. Throws
 * FORBIDDEN while mailed codes are off.
 */
export async function requestLoginCode(
  { services, client, exchange }: Context,
  { email: typed }: { readonly email: string },
): Promise<Result<RequestedCode>> {
  const { database, limits, mailedCodeKeys, pendingCookie, areLoginCodesOn } = services;
  if (!areLoginCodesOn) throw switchedOff("Login with mailed codes");
  const email = withoutEdges(typed);
  const problem = findEmailProblem(email);
  if (problem) return refused(problem);
  const address = findCanonicalEmail(email) ?? "";
  const browserSecret = randomSecret();
  // Every browser says where it asks from, and keeps the cookie: a forwarded mail must not log in elsewhere. An app says nothing, and
  // holds the pending token itself.
  const isBrowser = exchange.request.headers.origin !== undefined;
  const requested = await limits.withMail(
    { canonicalEmail: address, client },
    (mayMail) =>
      insertLoginCode(database, mailedCodeKeys, {
        address,
        browserSecret,
        isBrowser,
        mayMail,
        ...askingOf(client),
      }),
    // Strangers can ask for mail to any email: one is left for a reset, which a user without a password needs too.
    "leaves the last one",
  );
  pendingCookie.set(exchange, browserSecret);
  return done(requested);
}

export interface MailedLogin extends WantedCredentials {
  readonly pendingToken: string;
  readonly code: string;
}

/**
 * Returns null for every failed login. Throws INVALID_TOKEN for a login that is not waiting, or waits in another browser,
 * INVALID_CREDENTIALS for a wrong code, RATE_LIMITED, and FORBIDDEN while mailed codes are off.
 */
export async function logInWithCode(context: Context, { pendingToken, code, ...wanted }: MailedLogin) {
  const { database, codeAttempts, mailedCodeKeys, familiarBrowsers, areLoginCodesOn } = context.services;
  const { pendingCookie, hooks } = context.services;
  if (!areLoginCodesOn) throw switchedOff("Login with mailed codes");
  const browserSecret = pendingCookie.read(context.exchange.request);
  // A cookie is only for the browser that asked: an attacker could mail a link, and log its reader in as the attacker.
  const isOfAnyBrowser = !wanted.wantsCookie;
  const presented = { purpose: "mailed-code", pendingToken, browserSecret, isOfAnyBrowser } as const;
  const challenge = await tryChallenge(database, presented);
  if (challenge?.sentTo == null || challenge.codeDigest === null) throw invalidPendingLogin();
  const { id, sentTo: address, codeDigest } = challenge;

  const user = await findUser(database, address);
  if (user !== undefined) context.onLogin(user.userId);
  const userId = user?.userId ?? null;
  // Read without a user too: the time must not reveal whether there is one.
  const browserId = familiarBrowsers.readCookie(context.exchange, user ?? nobody);
  const isRight = await codeAttempts.check({ address, userId, browserId, client: context.client }, () =>
    isMailedCode(mailedCodeKeys, { id, codeDigest }, code),
  );
  // A user who was deactivated, or took another email, after the mail was sent.
  if (!isRight || user === undefined) throw invalidCredentials();

  const proven = user.isProven ? user : await proveMailbox(context, user.userId, { id, address });
  // Two requests with the right code are one login.
  if (user.isProven && !(await endChallenge(database, id))) throw invalidPendingLogin();
  const started = await startSession(context, { ...proven, proven: "EMAIL_CODE", provenAt: "now" }, wanted);
  if (started?.login == null) return started;
  if (wanted.wantsCookie) {
    familiarBrowsers.setCookie(context.exchange, proven);
    pendingCookie.clear(context.exchange);
  }
  await hooks.afterLogin(proven.userId);
  return started;
}

/** Stands for a user that does not exist. */
const nobody = { userId: "00000000-0000-0000-0000-000000000000", generation: 0 };

const findUser = async (database: Database, address: string) => {
  const user = await database
    .selectFrom("users")
    .select(["id as userId", "device_generation as generation", "email_verified_at as emailVerifiedAt"])
    .where("canonical_email", "=", address)
    .where("is_active", "=", true)
    .executeTakeFirst();
  return user && { ...user, isProven: user.emailVerifiedAt !== null };
};
