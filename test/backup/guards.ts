// Security rules of backups: what is restored is what was written, and a restore opens no door and destroys nothing.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Backup and restore";

export const rules: readonly Rule[] = [
  [
    "A backup with a byte missing or changed is refused before anything of it is used",
    "V16.5.3",
    "archive: an archive with a byte changed, missing or added anywhere is refused",
  ],
  [
    "A restore goes into an empty database only, and no option overwrites rows",
    "",
    "backup: a database with users, or with anything that somebody did, is refused, and nothing in it changes",
  ],
  [
    "A backup is readable by its owner only, and holds neither `SESSION_SECRET` nor `AUDIT_KEY`",
    "V13.3.1",
    "backup: the file is its owner's alone, appears when it is complete, and replaces nothing unasked",
  ],
  [
    "`graphward restore --after-loss` ends in its own transaction what ended after the backup",
    "V7.4.1",
    "keeping-page: after a loss, what the page says ends has ended, and who logs in again is let in",
  ],
  [
    "A backup shows one moment: each user in it has its event",
    "V16.3.1",
    "backup: while a server writes without a pause, each backup has each user with its event, and each event with its user",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/backup/restoring.ts",
    "<> all(${tables.map(keyOf)}::text[]))`",
    "= any(${[] as string[]}::text[]))`",
    "backup: come back with every type, and without its folder they are not forgotten",
    "built",
  ],
  [
    "src/backup/archive.ts",
    "if (!(await readExactly(file, endsAt, expected.length)).equals(expected))",
    "if (expected.length === 0)",
    "archive: an archive with a byte changed, missing or added anywhere is refused",
  ],
  [
    "src/backup/restoring.ts",
    "await sql`select from ${identifier(table)} limit 1`",
    "await sql`select from ${identifier(table)} limit 0`",
    "backup: a database with users, or with anything that somebody did, is refused, and nothing in it changes",
    "built",
  ],
  [
    "src/backup/output.ts",
    'const file = await open(draft, "wx", 0o600)',
    'const file = await open(draft, "wx", 0o644)',
    "backup: the file is its owner's alone, appears when it is complete, and replaces nothing unasked",
    "built",
  ],
  [
    "src/backup/snapshot.ts",
    "begin isolation level repeatable read, read only",
    "begin isolation level read committed, read only",
    "backup: while a server writes without a pause, each backup has each user with its event, and each event with its user",
    "built",
  ],
  [
    "src/backup/versions.ts",
    "if (unknown !== undefined) throw isNewer(",
    "if (unknown === null) throw isNewer(",
    "backup: of a newer version is refused in words",
    "built",
  ],
  [
    "src/cli/main.ts",
    "${spellOutControls(message)}",
    "${message}",
    "backup: drives no terminal by what it says of itself",
    "built",
  ],
  [
    "src/cli/restore.ts",
    "if (options.afterLoss) ended =",
    "if (options.afterLoss && options.json) ended =",
    "keeping-page: after a loss, what the page says ends has ended, and who logs in again is let in",
    "built",
  ],
];
