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
    code: 'details: { reason: account === undefined ? "NO_ACCOUNT" : withAccount },',
    broken: 'details: { reason: account === undefined ? "NO_ACCOUNT" : withAccount, usableHash },',
    test: "audit-recording",
    title: "no event holds a secret: no password, no hash, no cookie, no token, no digest",
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
