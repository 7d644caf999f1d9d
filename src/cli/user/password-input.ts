// Asks for a password: from a pipe, or on a terminal without echo. Never as an argument, which every user of the machine can read.
import { text } from "node:stream/consumers";
import { createBreachCheck } from "../../auth/passwords/breached.ts";
import type { PasswordPolicy } from "../../auth/passwords/policy.ts";
import { serviceWordsOf } from "../../auth/passwords/service-words.ts";
import { readConfig } from "../../config/config.ts";

export const readPassword = async ({ fromStdin }: { readonly fromStdin: boolean }): Promise<string> => {
  // One line end belongs to `echo`, not to the password.
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, "");
  if (!process.stdin.isTTY)
    throw new Error("There is no terminal to ask on: pipe the password in with --password-stdin.");
  const { default: ask } = await import("@inquirer/password");
  const first = await ask({ message: "Password:" });
  const second = await ask({ message: "Once more:" });
  if (first !== second) throw new Error("The two passwords are not the same.");
  return first;
};

/** Which passwords are refused. */
export const readPasswordPolicy = (): PasswordPolicy => {
  const config = readConfig();
  const isBreached = createBreachCheck(config.breachedPasswordsUrl, () =>
    process.stderr.write(
      "graphward: BREACHED_PASSWORDS_URL did not answer; the password was not looked up.\n",
    ),
  );
  return { isBreached, serviceWords: serviceWordsOf(config) };
};
