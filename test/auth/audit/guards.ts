// Security rules of the audit trail: lost events, floods, secrets in events, and edits.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Audit trail";

export const rules: readonly Rule[] = [
  [
    "A security event is stored in the transaction of the act that it describes; if it cannot be stored, the act is rolled back",
    "V16.3.1, V16.5.3, V2.3.3",
    "recorded-or-not-done: what cannot be recorded is not done:",
  ],
  [
    "A reached rate limit is recorded too, separately for each budget",
    "V16.3.3",
    "refusals: a limit does not hide another, of the same network",
  ],
  [
    "An event names the user where one is known, and the request id of its log line, which the chain covers; the client is told neither",
    "V16.2.1, V16.3.3",
    "request-ids: a wrong password and a right one have their user in the event and in the log, and none where there is none",
    "request-ids: a mail that was not sent, which the response does not tell, is an event",
    "request-ids: a request id is shown to viewers with audit:read, and to no user beside its own events",
    "request-ids: covers the request id: one that was changed, removed or added is found",
    "request-ids: has the MACs of before for events without a request id",
  ],
  [
    "A refusal is recorded once for each account, network and quarter of an hour, across all servers",
    "V16.3.3, V2.4.1",
    "recording: is one event an account and network, and a whole /64 is one network",
    "recording: is one event for two servers, and another in the next window",
  ],
  [
    "Denied access, a refused link and a wrong password are recorded, on every field where they can happen",
    "V16.3.1, V16.3.2, V16.3.3",
    "refusals: who reaches for what is not theirs is recorded, once an account, network and quarter of an hour:",
    "refusals: who tries links is recorded:",
    "refusals: a wrong password is recorded wherever one is asked for:",
  ],
  [
    "No security event holds a secret or any text that a user typed",
    "V16.2.5",
    "recording: no event holds a secret: no password, no hash, no cookie, no token, no digest",
  ],
  [
    "An edit of the audit trail is detected: a row that was changed, removed, moved or inserted",
    "V16.4.2",
    "trail: is found:",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/audit/page.ts",
    "case when ${seesAll(viewer)} then request_id end",
    "request_id",
    "request-ids: a request id is shown to viewers with audit:read, and to no user beside its own events",
  ],
  [
    "src/auth/audit/trail/chain.ts",
    "...(event.requestId === null ? [] : [event.requestId]),",
    "",
    "request-ids: covers the request id: one that was changed, removed or added is found",
  ],
  [
    "src/auth/audit/trail/chain.ts",
    "...(event.requestId === null ? [] : [event.requestId]),",
    "event.requestId,",
    "request-ids: has the MACs of before for events without a request id",
  ],
  [
    "src/auth/flows/login.ts",
    "  if (user !== undefined) context.onLogin(user.userId);\n",
    "",
    "request-ids: a wrong password and a right one have their user in the event and in the log, and none where there is none",
  ],
  [
    "src/auth/limits/rate-limits.ts",
    'if (!mayMail) refusals.record(limitReached("mail.account", viewerId, client));',
    "",
    "request-ids: a mail that was not sent, which the response does not tell, is an event",
  ],
  [
    "src/auth/audit/record.ts",
    'await database.insertInto("audit_events").values(rowOf(event)).execute();',
    "void [database, event];",
    "recorded-or-not-done: what cannot be recorded is not done:",
  ],
  [
    "src/auth/audit/refusals.ts",
    "      .onConflict((conflict) => conflict.doNothing())\n",
    "",
    "recording: is one event for two servers, and another in the next window",
  ],
  [
    "src/auth/audit/refusals.ts",
    "JSON.stringify([type, userId, actorId, networkOf(client.ipAddress), details?.budget])",
    "JSON.stringify([type, userId, actorId, client.ipAddress])",
    "recording: is one event an account and network, and a whole /64 is one network",
  ],
  [
    "src/auth/flows/login.ts",
    'hash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";',
    'hash === null ? "NOT_ALLOWED" : (hash as "WRONG_PASSWORD");',
    "recording: no event holds a secret: no password, no hash, no cookie, no token, no digest",
  ],
  [
    "src/auth/limits/password-attempts.ts",
    "        refusals.record(limitReached(budget, userId, client));\n",
    "        void userId;\n",
    "refusals: a limit does not hide another, of the same network",
  ],
  [
    "src/auth/limits/rate-limits.ts",
    "    refusals.record(limitReached(budget, viewerId, client));\n",
    "",
    "refusals: a limit does not hide another, of the same network",
  ],
  [
    "src/auth/audit/refusals.ts",
    "networkOf(client.ipAddress), details?.budget])",
    "networkOf(client.ipAddress)])",
    "refusals: a limit does not hide another, of the same network",
  ],
  [
    "src/auth/audit/refusals.ts",
    "JSON.stringify([type, userId, actorId, networkOf(client.ipAddress), details?.budget])",
    "JSON.stringify([type, userId, networkOf(client.ipAddress)])",
    "refusals: what nobody may do who acts as another, as done by whoever acts",
  ],
  [
    "src/auth/access/refused-fields.ts",
    "  FORBIDDEN: AuditEventType.ACCESS_REFUSED,\n",
    "",
    "refusals: who reaches for what is not theirs is recorded, once an account, network and quarter of an hour:",
  ],
  [
    "src/auth/access/refused-fields.ts",
    "  INVALID_TOKEN: AuditEventType.ONE_TIME_TOKEN_REFUSED,\n",
    "",
    "refusals: who tries links is recorded:",
  ],
  [
    "src/auth/access/refused-fields.ts",
    " || (type === AuditEventType.ACCESS_REFUSED && userId === null)",
    "",
    "refusals: not whoever is not logged in: that is every visitor",
  ],
  [
    "src/graphql/operation-errors.ts",
    "node.name.value",
    "(node.alias ?? node.name).value",
    "refusals: a field of administrators, by its name in the schema, asked for as often as one likes",
  ],
  [
    "src/auth/flows/own-account.ts",
    "    attempt.recordFailure({ userId, reason });\n",
    "",
    "refusals: a wrong password is recorded wherever one is asked for:",
  ],
  ["src/auth/audit/trail/chain.ts", '    previous.mac.toString("hex"),\n', "", "trail: is found:"],
  ["src/auth/audit/trail/chain.ts", "    event.actorId,\n", "", "trail: is found:"],
];
