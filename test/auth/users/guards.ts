// Security rules of users: the last administrator stays.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Users";

export const rules: readonly Rule[] = [
  [
    "The last active administrator cannot be deactivated or demoted",
    "V15.4.2",
    "last-administrator: can neither be deactivated nor demoted, also not by themselves",
    "last-administrator: is not outnumbered by those who are deactivated",
    "last-administrator: is left when two demote or deactivate each other, or themselves, at the same moment",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/users/last-administrator.ts",
    "if (staying === undefined) throw forbidden();",
    "",
    "last-administrator: can neither be deactivated nor demoted, also not by themselves",
  ],
  [
    "src/auth/users/last-administrator.ts",
    '    .where("is_active", "=", true)\n',
    "",
    "last-administrator: is not outnumbered by those who are deactivated",
  ],
  [
    "src/auth/users/last-administrator.ts",
    'await sql`select pg_advisory_xact_lock(${lockKey("administrators")})`.execute(transaction);',
    "void lockKey;",
    "last-administrator: is left when two demote or deactivate each other, or themselves, at the same moment",
  ],
];
