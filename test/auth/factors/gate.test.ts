import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../../../src");

const filesWith = async (pattern: RegExp): Promise<readonly string[]> => {
  const names = (await readdir(source, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const found = names
    .filter((name) => name.endsWith(".ts"))
    .map(async (name) => (pattern.test(await readFile(join(source, name), "utf8")) ? [name] : []));
  return (await Promise.all(found)).flat().sort();
};

// docs/decisions/second-factors.md argues each of them.
test("who inserts a session, who comes through the gate, and who renews a session: nobody else", async () => {
  expect(await filesWith(/insertInto\("sessions"\)|insert into \S*sessions/)).toEqual([
    // Acts as another user, by the own session, which has proven its factor.
    "auth/administration/impersonation.ts",
    "auth/sessions/start.ts",
  ]);
  expect(await filesWith(/\bstartSession\(/)).toEqual([
    "auth/flows/factors/second-step.ts",
    "auth/flows/login.ts",
    "auth/flows/mailed-login.ts",
    "auth/flows/passkeys/login.ts",
    "auth/flows/providers/app-login.ts",
    "auth/flows/providers/complete.ts",
    "auth/sessions/start.ts",
  ]);
  expect(await filesWith(/\brenewSession\(/)).toEqual([
    "auth/flows/password-change.ts",
    "auth/flows/reauthentication.ts",
    "auth/sessions/renewal.ts",
  ]);
  expect(await filesWith(/proven: "SECOND_FACTOR"/)).toEqual([
    "auth/flows/factors/second-step.ts",
    // Verified its user: it is both factors.
    "auth/flows/passkeys/login.ts",
  ]);
  // By its settings, a provider's second factor may count.
  expect(await filesWith(/\? "SECOND_FACTOR" : "PROVIDER"/)).toEqual([
    // What the next one stored for an app.
    "auth/challenges/provider-codes.ts",
    "auth/flows/providers/complete.ts",
  ]);
});
