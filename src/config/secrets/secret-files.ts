// Secrets that stand in files, as Docker, Kubernetes and systemd hand them over: NAME_FILE names the file that holds NAME.
import { readFileSync } from "node:fs";

/** Environment variables are shown by `docker inspect`, by /proc and in dumps of a crash; files have an owner. */
export function readSecretFiles(
  names: readonly string[],
  given: NodeJS.ProcessEnv,
): { readonly given: NodeJS.ProcessEnv; readonly problems: readonly string[] } {
  const read = names.flatMap((name) => {
    const path = given[fileVariable(name)];
    return path === undefined ? [] : [{ name, ...readSecret(name, path, given) }];
  });
  return {
    given: { ...given, ...Object.fromEntries(read.map(({ name, value }) => [name, value ?? given[name]])) },
    problems: read.flatMap(({ problem }) => problem ?? []),
  };
}

export const fileVariable = (name: string): string => `${name}_FILE`;

interface Read {
  readonly value?: string;
  readonly problem?: string;
}

/** No problem quotes the path: somebody may have written the secret itself there. */
const readSecret = (name: string, path: string, given: NodeJS.ProcessEnv): Read => {
  const variable = fileVariable(name);
  // Which of the two is the old one, only the operator knows.
  if (given[name] !== undefined) return { problem: `${variable}: is set, and ${name} too; set one of them` };
  const text = readText(path);
  if (text === null) return { problem: `${variable}: must be the path of a file that can be read` };
  const value = text.replace(/[\r\n]+$/, "");
  // As an unset one, the server would invent a secret, or start a database of its own.
  return value === "" ? { problem: `${variable}: names an empty file` } : { value };
};

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};
