// The types of guards and rules, and the list of all of them: each room of tests has its own in `guards.ts`.
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * A protective line of the source, the same line with the protection removed, and the test that then fails.
 */
export type Guard = readonly [
  /** Path below the root of the repository. */
  file: string,
  /** The guard's text, which stands once in the file. */
  from: string,
  /** The same text, broken. */
  to: string,
  test: TestName,
  /** Set when the test runs the built program. */
  built?: "built",
];

/** A sentence that holds for every request, its requirements of ASVS 5.0.0, and the tests that prove it. */
export type Rule = readonly [sentence: string, asvs: string, ...tests: TestName[]];

/**
 * `login: a title` of a test or `describe` in `login.test.ts` of this room; for another room, with the path
 * below `test`.
 */
export type TestName = string;

export interface Room {
  /** Path below `test`. */
  readonly path: string;
  readonly heading: string;
  readonly rules: readonly Rule[];
  readonly guards: readonly Guard[];
}

export interface NamedTest {
  /** Path below `test`, without the extension. */
  readonly file: string;
  readonly title: string;
}

export const testsFolder = join(import.meta.dirname, "..");

export async function readRooms(): Promise<readonly Room[]> {
  const names = (await readdir(testsFolder, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const files = names.filter((name) => name.endsWith("/guards.ts")).sort();
  return Promise.all(
    files.map(async (file) => ({
      ...(await import(pathToFileURL(join(testsFolder, file)).href)),
      path: dirname(file),
    })),
  );
}

export function readTestName(room: Room, test: TestName): NamedTest {
  const colon = test.indexOf(": ");
  const file = test.slice(0, colon);
  return { file: file.includes("/") ? file : `${room.path}/${file}`, title: test.slice(colon + 2) };
}
