// Reads a password from a pipe, or from a terminal without echo. Never from an argument, which every user of the machine can read.
import { text } from "node:stream/consumers";
import type { Application } from "../../application/application.ts";
import { createBreachCheck } from "../../auth/passwords/breached.ts";
import { type PasswordPolicy, requireMinLength } from "../../auth/passwords/policy.ts";
import { serviceWordsOf } from "../../auth/passwords/service-words.ts";
import { readConfig } from "../../config/config.ts";

export const readPassword = async ({ fromStdin }: { readonly fromStdin: boolean }): Promise<string> => {
  // `echo` adds one line end, which is not part of the password.
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, "");
  if (!process.stdin.isTTY)
    throw new Error("No terminal to ask for the password: pipe it in with --password-stdin.");
  const { default: ask } = await import("@inquirer/password");
  const first = await ask({ message: "Password:" });
  const second = await ask({ message: "Repeat the password:" });
  if (first !== second) throw new Error("The two passwords are not the same.");
  return first;
};

/** The password policy of the configuration. */
export const readPasswordPolicy = ({
  accounts,
  mail,
}: Pick<Application, "accounts" | "mail">): PasswordPolicy => {
  const config = readConfig();
  const isBreached = createBreachCheck(config.breachedPasswordsUrl, () =>
    process.stderr.write(
      "graphward: no response from BREACHED_PASSWORDS_URL, password not checked for breaches.\n",
    ),
  );
  const minLength = requireMinLength(accounts.passwordPolicy?.minLength);
  return { isBreached, serviceWords: serviceWordsOf(config, mail.brand.name), minLength };
};
