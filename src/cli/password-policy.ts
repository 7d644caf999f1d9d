// Which passwords are refused, as commands ask it.
import { createBreachCheck } from "../auth/breached-passwords.ts";
import type { PasswordPolicy } from "../auth/text/new-passwords.ts";
import { serviceWordsOf } from "../auth/text/service-words.ts";
import { readConfig } from "../config.ts";

export const readPasswordPolicy = (): PasswordPolicy => {
  const config = readConfig();
  const isBreached = createBreachCheck(config.breachedPasswordsUrl, () =>
    process.stderr.write(
      "graphward: BREACHED_PASSWORDS_URL did not answer; the password was not looked up.\n",
    ),
  );
  return { isBreached, serviceWords: serviceWordsOf(config) };
};
