// What a guard and a rule are, and every one of them: each room of tests has its own in `guards.ts`, beside the tests.
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** A line of the source that withstands something, the same line without its strength, and the test that notices. */
export type Guard = readonly [
  /** Below the root of the repository. */
  file: string,
  /** The guard as it stands in the file, once. */
  from: string,
  /** The same text, broken. */
  to: string,
  test: TestName,
  /** The test runs the built program. */
  built?: "built",
];

/** A sentence that holds on every request, the requirements of ASVS 5.0.0 behind it, and the tests that prove it. */
export type Rule = readonly [sentence: string, asvs: string, ...tests: TestName[]];

/** `login: a title` of a test, or of a `describe`, in `login.test.ts` of this room; of another room with its path below `test`. */
export type TestName = string;

export interface Room {
  /** Below `test`. */
  readonly path: string;
  readonly heading: string;
  readonly rules: readonly Rule[];
  readonly guards: readonly Guard[];
}

export interface NamedTest {
  /** Below `test`, without the ending. */
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
