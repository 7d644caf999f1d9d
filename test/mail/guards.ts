// Security rules of mail: links lead only to the configured host.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Mail";

export const rules: readonly Rule[] = [
  [
    "Links in mail use only `PUBLIC_URL`; `Host` and `X-Forwarded-Host` are never trusted",
    "V4.1.3",
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
];

export const guards: readonly Guard[] = [
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
    "await openListener(requestHandler,",
    'await openListener((request, response) => {\n      const host = request.headers["host"] ?? "api.example.com";\n      for (const name of Object.keys(config.mail.links))\n        Object.assign(config.mail.links, { [name]: `https://${host}/#token={token}` });\n      requestHandler(request, response);\n    },',
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
  [
    "src/server.ts",
    "await openListener(requestHandler,",
    'await openListener((request, response) => {\n      const host = request.headers["x-forwarded-host"] ?? "api.example.com";\n      for (const name of Object.keys(config.mail.links))\n        Object.assign(config.mail.links, { [name]: `https://${host}/#token={token}` });\n      requestHandler(request, response);\n    },',
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
  [
    "src/server.ts",
    "await openListener(requestHandler,",
    'await openListener((request, response) => {\n      const host = request.headers["x-host"] ?? "api.example.com";\n      for (const name of Object.keys(config.mail.links))\n        Object.assign(config.mail.links, { [name]: `https://${host}/#token={token}` });\n      requestHandler(request, response);\n    },',
    "links-in-mail: links in mail come from PUBLIC_URL alone, whatever is sent as",
  ],
];
