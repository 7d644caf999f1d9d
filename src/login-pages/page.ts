// The HTML of a page under /login: says why there is no login, or leads on. It has no script and no form.
import type { Brand } from "../brand/brand.ts";
import { escapeHtml } from "../html.ts";
import { directionOf } from "../languages.ts";
import type { LoginPageText } from "./texts.ts";

export function writeLoginPage(
  { title, text }: LoginPageText,
  {
    service,
    brand,
    language,
    link,
    goesOn,
  }: {
    readonly service: string;
    readonly brand: Brand;
    readonly language: string;
    readonly link: { readonly to: string; readonly text: string } | null;
    /** The browser follows the link by itself. */
    readonly goesOn: boolean;
  },
): string {
  return `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    ${link !== null && goesOn ? `<meta http-equiv="refresh" content="0;url=${escapeHtml(link.to)}" />` : ""}
    <title>${escapeHtml(title)}</title>
    <link rel="stylesheet" href="/account/page.css" />
  </head>
  <body>
    <main>
      ${brand.logo === null ? "" : '<img class="logo" src="/account/logo" alt="" />'}
      <p class="service">${escapeHtml(service)}</p>
      <section>
        <h1>${escapeHtml(title)}</h1>
        <p>${escapeHtml(text)}</p>
        ${link === null ? "" : `<p><a href="${escapeHtml(link.to)}">${escapeHtml(link.text)}</a></p>`}
      </section>
    </main>
  </body>
</html>
`;
}
