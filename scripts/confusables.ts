// `node scripts/confusables.ts <confusables.txt>` writes src/auth/text/confusables.ts from Unicode's own file (UTS 39, part of each version of Unicode).
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("Usage: node scripts/confusables.ts <confusables.txt>");
const text = await readFile(path, "utf8");
const version = /^# Version: (\S+)/m.exec(text)?.[1];
if (version === undefined) throw new Error(`${path} has no line "# Version: ...".`);

/** What a username can contain, as typed or in lower case, composed or not. */
const isInNames = (character: string): boolean => /^[\p{Letter}\p{Mark}0-9._-]$/u.test(character);

const toText = (codes: string): string =>
  String.fromCodePoint(
    ...codes
      .trim()
      .split(/\s+/)
      .map((code) => Number.parseInt(code, 16)),
  );
const toHex = (characters: string): string =>
  [...characters].map((character) => character.codePointAt(0)?.toString(16)).join("+");

const pairs = text
  .split("\n")
  .map((line) => line.replace(/#.*$/, "").split(";"))
  .filter(({ length }) => length >= 3)
  .map(([from = "", to = ""]) => [toText(from), toText(to)] as const)
  .filter(([from]) => isInNames(from))
  .sort(([one], [other]) => (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0));

const lines: string[] = [];
for (const [from, to] of pairs) {
  const pair = `${toHex(from)}=${toHex(to)}`;
  const last = lines.at(-1);
  if (last === undefined || last.length + pair.length > 100) lines.push(pair);
  else lines[lines.length - 1] = `${last} ${pair}`;
}

await writeFile(
  join(import.meta.dirname, "../src/auth/text/confusables.ts"),
  `// Characters of names that look like others: Unicode ${version}, confusables.txt. Written by scripts/confusables.ts.
// © Unicode, Inc. Unicode License v3: see UNICODE-LICENSE.txt.

/** Code points in hexadecimal: a character, and what it looks like. */
export const confusables = \`
${lines.join("\n")}
\`;
`,
);
process.stdout.write(`${pairs.length} characters of Unicode ${version}\n`);
