// Security rules of mail: links lead only to the configured host.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Mail";

export const rules: readonly Rule[] = [
  [
    "Links in mail use only `PUBLIC_URL`; `Host` and `X-Forwarded-Host` are never trusted",
    "V4.1.3",
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
  [
    "A mail greets by a display name only at a verified email of the user, and never by one that mail programs make a link of",
    "V1.2.1",
    "texts: a user by a display name that is no link",
    "texts: a stranger without a name",
    "texts: the old email of a user by the username: a thief may have chosen the display name",
  ],
  [
    "The text of an error of an application's mail texts or transport is neither stored nor logged",
    "V16.2.5",
    "texts: a text that throws is tried again, and the error's text is neither stored nor logged",
    "transport: one that fails is called again with the same id, and its error's text is neither stored nor logged",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/mail/reader.ts",
    "displayName === null || looksLikeLink(displayName) ?",
    "displayName === null ?",
    "texts: a user by a display name that is no link",
  ],
  [
    "src/mail/compose.ts",
    "knownReader(user) : stranger",
    "knownReader(user) : knownReader(user)",
    "texts: a stranger without a name",
  ],
  [
    "src/mail/compose.ts",
    "isToKnown ? knownReader(user)",
    "isToKnown ? ownReader(user)",
    "texts: the old email of a user by the username: a thief may have chosen the display name",
  ],
  [
    "src/mail/texts/languages.ts",
    "error instanceof Error ? error.name : typeof error",
    "error",
    "texts: a text that throws is tried again, and the error's text is neither stored nor logged",
  ],
  [
    "src/mail/texts/languages.ts",
    "texts.get(chosen)?.[template] === undefined ? english : chosen",
    "chosen",
    "texts: that a language does not have are English, as a whole",
  ],
  [
    "src/mail/render.ts",
    "escapeHtml(look.heading)",
    "look.heading",
    "texts: are sent to readers of that language, on one line each, cut, and as text",
  ],
  [
    "src/mail/transport.ts",
    "${describe(error)}",
    "${error}",
    "transport: one that fails is called again with the same id, and its error's text is neither stored nor logged",
  ],
  [
    "src/mail/smtp.ts",
    "    name: server.greeting,\n",
    "",
    "strict-relay: a relay that refuses an IP as the greeting takes the mail of the queue: EHLO has the host of PUBLIC_URL",
  ],
  [
    "src/mail/smtp.ts",
    "onOneLine(String(error.response))",
    "String(error.response)",
    "strict-relay: prints nothing of a refusal that drives a terminal",
    "built",
  ],
  [
    "src/server.ts",
    "openListener(requestHandler,",
    'openListener((request, response) => {\n      const host = request.headers["host"] ?? "api.example.com";\n      for (const name of Object.keys(config.mail.links))\n        Object.assign(config.mail.links, { [name]: `https://${host}/#token={token}` });\n      requestHandler(request, response);\n    },',
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
  [
    "src/server.ts",
    "openListener(requestHandler,",
    'openListener((request, response) => {\n      const host = request.headers["x-forwarded-host"] ?? "api.example.com";\n      for (const name of Object.keys(config.mail.links))\n        Object.assign(config.mail.links, { [name]: `https://${host}/#token={token}` });\n      requestHandler(request, response);\n    },',
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
  [
    "src/server.ts",
    "openListener(requestHandler,",
    'openListener((request, response) => {\n      const host = request.headers["x-host"] ?? "api.example.com";\n      for (const name of Object.keys(config.mail.links))\n        Object.assign(config.mail.links, { [name]: `https://${host}/#token={token}` });\n      requestHandler(request, response);\n    },',
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
  [
    "src/database/job-workers.ts",
    "timer = setTimeout(giveUp, 2 * graceForJobs).unref();",
    "timer = setTimeout(() => giveUp, 2 * graceForJobs).unref();",
    "mail-delivery: mail goes on after two jobs could not be ticked off while others were being sent",
  ],
];
