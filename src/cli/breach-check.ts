// The question about breached passwords, as commands ask it.
import { createBreachCheck } from "../auth/breached-passwords.ts";
import { readConfig } from "../config.ts";

export const breachCheck = () =>
  createBreachCheck(readConfig().breachedPasswordsUrl, () =>
    process.stderr.write(
      "graphward: BREACHED_PASSWORDS_URL did not answer; the password was not looked up.\n",
    ),
  );
