// Which passwords are refused, as commands ask it.
import { createBreachCheck } from "../auth/passwords/breached.ts";
import type { PasswordPolicy } from "../auth/passwords/policy.ts";
import { serviceWordsOf } from "../auth/passwords/service-words.ts";
import { readConfig } from "../config/config.ts";

export const readPasswordPolicy = (): PasswordPolicy => {
  const config = readConfig();
  const isBreached = createBreachCheck(config.breachedPasswordsUrl, () =>
    process.stderr.write(
      "graphward: BREACHED_PASSWORDS_URL did not answer; the password was not looked up.\n",
    ),
  );
  return { isBreached, serviceWords: serviceWordsOf(config) };
};
