// Security rules of users: the last administrator stays.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Users";

export const rules: readonly Rule[] = [
  [
    "A new username has letters of one script (UTS 39, highly restrictive), and is taken when it looks like a taken or reserved one; the response is the same as for the name itself",
    "V2.2.1",
    "lookalikes: a name of letters of several scripts",
    "lookalikes: a name that looks like a taken one",
    "lookalikes: stays reserved after its user is renamed or deleted",
    "lookalikes: is taken for other capitals of the own name, which may look like another's",
    "lookalikes: is given to one of many who ask at the same moment",
    "lookalikes: are protected after the start; those that look alike already stay, and the oldest protects both",
  ],
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
    "src/auth/text/usernames.ts",
    "(isOfOneScript(shownUsername(typed)) ? null : ofManyScripts)",
    "null",
    "lookalikes: a name of letters of several scripts",
  ],
  [
    "src/auth/users/reserved-usernames.ts",
    "(canonical_username = ${canonical} or username_skeleton = ${skeleton})",
    "(canonical_username = ${canonical})",
    "lookalikes: a name that looks like a taken one",
  ],
  [
    "src/auth/users/reserved-usernames.ts",
    "(digest = ${digest} or skeleton_digest = ${digestOf(skeleton)})",
    "(digest = ${digest})",
    "lookalikes: stays reserved after its user is renamed or deleted",
  ],
  [
    "src/auth/text/skeletons.ts",
    "replaced(replaced(name).toLowerCase())",
    "replaced(name.toLowerCase())",
    "lookalikes: is taken for other capitals of the own name, which may look like another's",
  ],
  [
    "src/auth/flows/username-change.ts",
    "return (await claimUsername(transaction, { username, userId })) ? null : usernameTaken;",
    "return null;",
    "lookalikes: is taken for other capitals of the own name, which may look like another's",
  ],
  [
    "src/auth/users/insert.ts",
    "      username_skeleton: skeleton,\n",
    "",
    "lookalikes: is given to one of many who ask at the same moment",
  ],
  [
    "src/auth/users/missing-skeletons.ts",
    "if (!oldest.has(skeleton)) oldest.set(skeleton, id);",
    "oldest.set(skeleton, id);",
    "lookalikes: are protected after the start; those that look alike already stay, and the oldest protects both",
  ],
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
