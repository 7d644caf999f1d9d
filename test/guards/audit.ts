// What keeps a security event from being lost, forged or a flood.
import type { Guard } from "./guard.ts";

export const audit: readonly Guard[] = [
  {
    file: "src/auth/audit.ts",
    code: 'await database.insertInto("audit_events").values(rowOf(event)).execute();',
    broken: "void [database, event];",
    test: "recorded-or-not-done",
    title: "what cannot be recorded is not done:",
  },
  {
    file: "src/auth/audit-refusals.ts",
    code: `      .onConflict((conflict) => conflict.column("window_key").where("window_key", "is not", null).doNothing())\n`,
    broken: "",
    test: "audit-recording",
    title: "is one event for two servers, and another in the next window",
  },
  {
    file: "src/auth/audit-refusals.ts",
    code: "JSON.stringify([type, userId, networkOf(client.ipAddress)])",
    broken: "JSON.stringify([type, userId, client.ipAddress])",
    test: "audit-recording",
    title: "is one event an account and network, and a whole /64 is one network",
  },
  {
    file: "src/auth/login.ts",
    code: 'hash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";',
    broken: 'hash === null ? "NOT_ALLOWED" : (hash as "WRONG_PASSWORD");',
    test: "audit-recording",
    title: "no event holds a secret: no password, no hash, no cookie, no token, no digest",
  },
  {
    file: "src/auth/refused-fields.ts",
    code: "  FORBIDDEN: AuditEventType.ACCESS_REFUSED,\n",
    broken: "",
    test: "audited-refusals",
    title: "who reaches for what is not theirs is recorded, once an account, network and quarter of an hour:",
  },
  {
    file: "src/auth/refused-fields.ts",
    code: "  INVALID_TOKEN: AuditEventType.ONE_TIME_TOKEN_REFUSED,\n",
    broken: "",
    test: "audited-refusals",
    title: "who tries links is recorded:",
  },
  {
    file: "src/auth/refused-fields.ts",
    code: " || (type === AuditEventType.ACCESS_REFUSED && userId === null)",
    broken: "",
    test: "audited-refusals",
    title: "not whoever is not logged in: that is every visitor",
  },
  {
    file: "src/http/operation-errors.ts",
    code: "node.name.value",
    broken: "(node.alias ?? node.name).value",
    test: "audited-refusals",
    title: "a field of administrators, by its name in the schema, asked for as often as one likes",
  },
  {
    file: "src/auth/password-change.ts",
    code: '    charge.fail({ userId, reason: "WRONG_PASSWORD" });\n',
    broken: "",
    test: "audited-refusals",
    title: "a wrong password is recorded wherever one is asked for:",
  },
  {
    file: "src/auth/address-verification.ts",
    code: '    charge.fail({ userId, reason: "WRONG_PASSWORD" });\n',
    broken: "",
    test: "audited-refusals",
    title: "a wrong password is recorded wherever one is asked for:",
  },
  {
    file: "src/auth/audit-chain.ts",
    code: '    previous.mac.toString("hex"),\n',
    broken: "",
    test: "audit-trail",
    title: "is found:",
  },
  {
    file: "src/auth/audit-chain.ts",
    code: "    event.actorId,\n",
    broken: "",
    test: "audit-trail",
    title: "is found:",
  },
];
