// Security rules of the account pages' texts, and their guards.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Account pages";

export const rules: readonly Rule[] = [
  [
    "An application's texts are text on the account pages",
    "V1.2.1",
    "languages: are text, and say their direction",
  ],
];

const nextPlace = "next-place: a link to the page that completes a login never leads to";

export const guards: readonly Guard[] = [
  ["src/account-pages/page/next-place.ts", "url?.origin === origin && ", "url && ", nextPlace],
  [
    "src/account-pages/page/next-place.ts",
    "/^\\/login\\/[a-z0-9-]+\\/return$/.test(url.pathname)",
    "url.pathname",
    nextPlace,
  ],
  [
    "src/account-pages/frame.ts",
    "<title>${escapeHtml(title)}</title>",
    "<title>${title}</title>",
    "languages: are text, and say their direction",
  ],
  [
    "src/account-pages/serve.ts",
    '...(path === "/second-factor" ? ["data:"] : [])',
    '"data:"',
    "account-pages: answers GET and HEAD with a page that is not kept, framed or referred from",
  ],
  [
    "src/account-pages/serve.ts",
    ".slice(0, maxLanguages)",
    "",
    "languages: a page is in the first language of the browser that it has",
  ],
];
