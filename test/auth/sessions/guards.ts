// Security rules of sessions: fixation, theft and race conditions.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Sessions";

export const rules: readonly Rule[] = [
  [
    "Without a successful login there is no session cookie and no session row, whatever is requested and whatever fails",
    "V7.2.2, V7.6.2",
    "sessions: no session cookie and no row comes before a login: not of a visit, a failed login, a registration or a link",
  ],
  [
    "When requests run at the same moment, a credential that was ended opens nothing, and no other credential is lost",
    "V7.4.1, V15.4.2",
    "model: of what runs at the same moment, nothing that was ended opens anything, and nothing else is lost",
  ],
  [
    "The database's clock decides when a session ends; the cache in memory counts down with a monotonic clock, which nobody can set",
    "V7.3.1, V7.3.2",
    "sessions: one clock decides when a session ends, the database's:",
    "auth/authentication/cache: is counted down by a clock that nobody can set",
    "auth/authentication/cache: the memory of viewers",
  ],
  [
    "A token is read only from the `Authorization` header, and a request with two such headers is refused",
    "V14.2.1",
    "sessions: a token in the URL, in the body or in a cookie of any name is nobody's",
    "auth/authentication/who-is-calling: that comes twice refuses the request, whichever of the two is good",
  ],
  [
    "A session id does not work as a token, a token does not work as a session cookie, and an access token does not work as a session",
    "V7.2.1",
    "sessions: a session id is no token, and a token is no session cookie, signed or not",
    "sessions: an access token is no session: not in the list, not as a cookie, and nothing that asks for one takes it",
  ],
  [
    "An unknown user, a wrong password, a deactivated user and a user without a password get the same response after the same work",
    "V6.3.8",
    "sessions: one answer, and the same number of hashes and statements",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/sessions/ends.ts",
    'return keptSessionId === undefined ? all : all.where("id", "<>", keptSessionId);',
    "return all;",
    "model: of what runs at the same moment, nothing that was ended opens anything, and nothing else is lost",
  ],
  [
    "src/auth/flows/login.ts",
    "  const isRight = await attempt.check(hash, input.password);",
    "  const isRight = await attempt.check(hash, input.password);\n  if (!isRight) context.services.sessionCookies.clearCookie(context.exchange);",
    "sessions: no session cookie and no row comes before a login: not of a visit, a failed login, a registration or a link",
  ],
  [
    "src/auth/flows/logout.ts",
    "await endPresentedSessions(context, cookieSecret);",
    "((await context.findViewer()) === null ? [] : []) as string[];",
    "sessions: what was captured before a logout is worthless after it, also when a slow request of that session ends later:",
  ],
  [
    "src/auth/sessions/rows.ts",
    '.where("sessions.idle_expires_at", ">", sql<Date>`now()`)',
    '.where("sessions.idle_expires_at", ">", new Date())',
    "sessions: one clock decides when a session ends, the database's:",
  ],
  [
    "src/auth/sessions/rows.ts",
    '.where("sessions.absolute_expires_at", ">", sql<Date>`now()`)',
    '.where("sessions.absolute_expires_at", ">", new Date())',
    "sessions: one clock decides when a session ends, the database's:",
  ],
  [
    "src/auth/sessions/renewal.ts",
    "  if ((await lockSessionsOf(transaction, userId, asking)) !== sessionId) throw unauthenticated();\n",
    "  await lockSessionsOf(transaction, userId, asking);\n",
    "sessions: what was captured before a logout is worthless after it, also when a slow request of that session ends later:",
  ],
  [
    "src/auth/sessions/rows.ts",
    'row(half, "=", digest(secret)),',
    'row(half, "is not", secret && null),',
    "sessions: of two requests that prove the password under one secret, one gets the new secret",
  ],
  [
    "src/auth/sessions/ends.ts",
    '...(sessionId === null ? [] : [row("id", "=", sessionId)]),',
    "",
    "sessions: what was captured before a logout is worthless after it, also when a slow request of that session ends later:",
  ],
  [
    "src/auth/authentication/by-session.ts",
    '.where(credential === "cookie" ? "sessions.cookie_digest" : "sessions.token_digest", "=", digest(secret))',
    '.where((row) => row.or([row("sessions.cookie_digest", "=", digest(secret)), row("sessions.token_digest", "=", digest(secret))]))',
    "sessions: a session id is no token, and a token is no session cookie, signed or not",
  ],
  [
    "src/auth/authentication/lookup.ts",
    'credential === "token" && isAccessToken(secret)',
    "isAccessToken(secret)",
    "sessions: an access token is no session: not in the list, not as a cookie, and nothing that asks for one takes it",
  ],
  [
    "src/auth/authentication/authorization-header.ts",
    "return Array.isArray(value) ? value.join() : value;",
    'return Array.isArray(value) ? value.join() : (value ?? /[?&]access_token=(\\w+)/.exec(url ?? "")?.[1]);',
    "sessions: a token in the URL, in the body or in a cookie of any name is nobody's",
  ],
  [
    "src/auth/passwords/hash.ts",
    "const matches = await withHashPermit(() =>\n    argon2.verify(usable ? hash : dummyHash, password).catch(refuseWithoutMemory),\n  );",
    "const matches = usable && (await withHashPermit(() => argon2.verify(hash, password)));",
    "sessions: one answer, and the same number of hashes and statements",
  ],
  [
    "src/auth/flows/login.ts",
    "familiarBrowsers.readCookie(context.exchange, user ?? nobody)",
    "user === undefined ? null : familiarBrowsers.readCookie(context.exchange, user ?? nobody)",
    "sessions: one answer, and the same number of hashes and statements",
  ],
  [
    "src/auth/flows/login.ts",
    "user?.isActive ? user.passwordHash : null",
    "user?.passwordHash ?? null",
    "sessions: one answer, and the same number of hashes and statements",
  ],
];
