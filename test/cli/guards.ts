// Security rules of the command line.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "The command line";

export const rules: readonly Rule[] = [
  [
    "Each error code has a reason in words for operators, which shows no credential and nothing that was typed; clients learn the code only",
    "V16.5.1, V16.2.5",
    "explain: a token whose session has expired",
    "explain: a page of another site, with the origin that is missing in ALLOWED_ORIGINS",
    "explain: rules of the input, and limits of a document, without what was typed",
    "explain: every error code and every reason has its words, and each points to a heading that exists",
  ],
  [
    "After a restored backup, `graphward restored` ends all sessions, access tokens, links, trusted browsers and pending logins, because the backup does not know which ended after it",
    "V7.4.1",
    "restored: after the page's sequence nothing that ended since the backup is valid, and users log in again",
  ],
  [
    "An administrator is created unasked only in development, in a database on this machine or beside it whose tables the same start creates",
    "V13.4.2",
    "first-account: in production it creates nobody, whatever the database",
    "first-account: in a database that was there before, it creates nobody, and says how to create the first",
    "first-account: a database is taken for one's own on this machine and in the same Docker Compose project",
  ],
  [
    "No signal opens a debugger, or writes the memory of the server to a file",
    "V13.4.2",
    "start: SIGUSR1 opens no debugger, neither of the server nor of a command",
    "start: a signal that a terminal sends lets the requests under way finish, like SIGTERM:",
  ],
  [
    "`access --write` accepts the schema of the current sources, and refuses a stale build",
    "",
    "stale-build: access --write refuses a build that is older than the sources, and says how to build",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/administration/restoration.ts",
    "const trustedBrowsers = await endAllTrustedBrowsers(database);",
    "const trustedBrowsers = 1;",
    "restored: after the page's sequence nothing that ended since the backup is valid, and users log in again",
    "built",
  ],
  [
    "src/auth/administration/restoration.ts",
    "const pendingLogins = await endAllChallenges(database);",
    "const pendingLogins = 1;",
    "restored: after the page's sequence nothing that ended since the backup is valid, and users log in again",
    "built",
  ],
  [
    "src/auth/administration/restoration.ts",
    "const links = await endAllOneTimeTokens(database);",
    "const links = 1;",
    "restored: after the page's sequence nothing that ended since the backup is valid, and users log in again",
    "built",
  ],
  [
    "src/auth/administration/restoration.ts",
    "kept.accessTokens ? 0 : await revokeAllAccessTokens(database, because)",
    "1",
    "restored: after the page's sequence nothing that ended since the backup is valid, and users log in again",
    "built",
  ],
  [
    "src/auth/administration/restoration.ts",
    "kept.sessions ? 0 : await endAllSessions(database, because)",
    "3",
    "restored: after the page's sequence nothing that ended since the backup is valid, and users log in again",
    "built",
  ],
  [
    "bin/graphward.js",
    'process.on("SIGUSR1", () => undefined);\n',
    "",
    "start: SIGUSR1 opens no debugger, neither of the server nor of a command",
  ],
  [
    "src/process/signals.ts",
    '"SIGHUP", "SIGQUIT"]',
    "]",
    "start: a signal that a terminal sends lets the requests under way finish, like SIGTERM:",
    "built",
  ],
  [
    "src/database/connecting/reply.ts",
    " && (!isRefusal(error) || isPoolerWaiting(error))",
    "",
    "start: a database that refuses us is not waited for: neither a wrong password nor a missing database",
    "built",
  ],
  [
    "src/database/migrating/migration-watch.ts",
    "await endStatements(client, applicationName).catch(() => undefined);",
    "void endStatements;",
    "start: ends at a signal, and leaves no statement in PostgreSQL that waits on",
    "built",
  ],
  [
    "src/server.ts",
    "const mayMakeAccount = !production && ",
    "const mayMakeAccount = ",
    "first-account: in production it creates nobody, whatever the database",
    "built",
  ],
  [
    "src/server.ts",
    "(isNew && isOwnDatabase(connection))",
    "isOwnDatabase(connection)",
    "first-account: in a database that was there before, it creates nobody, and says how to create the first",
    "built",
  ],
  [
    "src/config/database/transport.ts",
    "/^[a-z0-9-]+$/i.test(host)",
    "/^[a-z0-9-]+/i.test(host)",
    "first-account: a database is taken for one's own on this machine and in the same Docker Compose project",
  ],
  [
    "src/server.ts",
    "await untilMigrated(opened.findMissingMigrations, waiting);",
    "await untilMigrated(async () => [], waiting);",
    "start: in an empty database, and turns ready by itself",
    "built",
  ],
  [
    "src/cli/access.ts",
    "if (write) await requireCurrentBuild(",
    "if (!write) await requireCurrentBuild(",
    "stale-build: access --write refuses a build that is older than the sources, and says how to build",
    "built",
  ],
  [
    "src/server.ts",
    "if (graphql === null) await start.untilOver();",
    "",
    "start: a request that comes during a quick start is answered after it: a proxy would pass a refusal on",
    "built",
  ],
  [
    "src/server.ts",
    "const delay = graphql === null ? 0 : isReplaced",
    "const delay = isReplaced",
    "start: while the database is not there",
    "built",
  ],
  [
    "src/auth/providers/fetch.ts",
    'if (error !== null) return callback(error, "", 0);',
    "",
    "check-providers: check fails in production when no login can succeed, and warns where it may pass",
    "built",
  ],
  [
    "src/http/request-handler.ts",
    "crossSiteRequest(findListable(request.headers.origin))",
    "crossSiteRequest(request.headers.origin ?? null)",
    "explain: a page of another site, with the origin that is missing in ALLOWED_ORIGINS",
  ],
  [
    "src/auth/authentication/lookup.ts",
    'return secret === null ? null : digest(secret).toString("hex", 0, namedBytes);',
    "return presented;",
    "explain: a token whose session has expired",
  ],
  [
    "src/errors.ts",
    'why: { reason: "broken_rules", detail: namesOf(fields) },',
    "why: null,",
    "explain: rules of the input, and limits of a document, without what was typed",
  ],
  [
    "src/http/request/record.ts",
    "(record.refusals?.length ?? 0) >= maxRefusals",
    "false",
    "explain: a document that is refused a hundred times has five reasons in the log",
  ],
  [
    "src/cli/explain/words.ts",
    "  METHOD_NOT_ALLOWED: {",
    "  METHOD_IS_NOT_ALLOWED: {",
    "explain: every error code and every reason has its words, and each points to a heading that exists",
  ],
];
