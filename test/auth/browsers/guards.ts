// Security rules of familiar browsers: a browser that logged in with an old password.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Familiar browsers";

export const rules: readonly Rule[] = [
  [
    "A new password makes strangers of all browsers that logged in with the old one",
    "V6.3.1, V7.4.3",
    "forgotten-devices: a new password makes strangers of the browsers that knew the old one:",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/browsers/familiar-browser.ts",
    "const maxAccounts = 10;",
    "const maxAccounts = 1000;",
    "familiar-browsers: a browser of many accounts has one short cookie, and is familiar to the ten that logged in last",
  ],
  [
    "src/auth/browsers/familiar-browser.ts",
    "[own, ...entries.filter((entry) => entry.account !== account)]",
    "[...entries.filter((entry) => entry.account !== account), own]",
    "familiar-browsers: a browser of many accounts has one short cookie, and is familiar to the ten that logged in last",
  ],
  [
    "src/auth/browsers/earlier-cookies.ts",
    ".slice(0, maxTakenOver)",
    "",
    "familiar-browsers: no more than ten earlier cookies are deleted at once, and a forged one is only deleted",
  ],
  [
    "src/auth/browsers/known-devices.ts",
    'device_generation: eb("device_generation", "+", 1)',
    'device_generation: eb("device_generation", "+", 0)',
    "forgotten-devices: a new password makes strangers of the browsers that knew the old one:",
  ],
  [
    "src/auth/flows/password-change.ts",
    "if (renewed.token === null || wasFamiliar)",
    "if (renewed.token === null)",
    "forgotten-devices: whoever has set a new password is not kept out by strangers:",
  ],
  [
    "src/auth/flows/password-reset.ts",
    "  services.familiarBrowsers.setCookie(exchange, { userId, generation });\n",
    "",
    "forgotten-devices: whoever has set a new password is not kept out by strangers:",
  ],
  [
    "src/auth/flows/password-reset.ts",
    "    await services.attempts.clear(transaction, { id: userId, ...locked });\n",
    "",
    "forgotten-devices: whoever has set a new password is not kept out by strangers:",
  ],
];
