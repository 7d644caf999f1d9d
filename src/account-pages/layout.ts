// The HTML of an account page. All texts are plain and are escaped.
import type { Brand } from "../brand/brand.ts";
import { escapeHtml } from "../html.ts";
import { directionOf } from "../languages.ts";
import type { PageName } from "./texts/catalogue.ts";
import type { SpokenPage } from "./texts/languages.ts";

export interface Surroundings {
  readonly service: string;
  readonly brand: Brand;
}

export function writeHtml(
  { page, language, text, common }: SpokenPage,
  { service, brand }: Surroundings,
): string {
  const { mutation, password } = forms[page];
  const title = escapeHtml(text.title);
  return `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="texts" content="${escapeHtml(JSON.stringify(common))}" />
    <title>${title}</title>
    <link rel="stylesheet" href="/account/page.css" />
    <script type="module" src="/account/main.js"></script>
  </head>
  <body>
    <main>
      ${brand.logo === null ? "" : '<img class="logo" src="/account/logo" alt="" />'}
      <p class="service">${escapeHtml(service)}</p>
      <noscript><p class="notice">${escapeHtml(common.needsJavaScript)}</p></noscript>

      <form data-state="ask" data-mutation="${mutation}" method="post" novalidate>
        <h1 tabindex="-1">${title}</h1>
        ${paragraphs(text.paragraphs)}
        <fieldset disabled>
          <legend class="unseen">${title}</legend>
          ${password === null || !("label" in text) ? "" : field(text, common, password)}
          <p class="error" role="alert" data-form-error></p>
          <button type="submit">${escapeHtml(text.button)}</button>
          <p class="hint" role="status"></p>
        </fieldset>
      </form>

      ${section("done", text.done.title, text.done.paragraphs)}
      ${section("dead", common.deadTitle, text.dead)}
      ${section("missing", common.missingTitle, common.missing)}
      ${brand.supportAddress === null ? "" : support(common.support, brand.supportAddress)}
    </main>
  </body>
</html>
`;
}

interface Password {
  readonly name: string;
  readonly autocomplete: "current-password" | "new-password";
  readonly isRequired: boolean;
}

const forms: Readonly<Record<PageName, { readonly mutation: string; readonly password: Password | null }>> = {
  verify: {
    mutation: "verifyEmail",
    password: { name: "password", autocomplete: "current-password", isRequired: false },
  },
  reset: {
    mutation: "resetPassword",
    password: { name: "newPassword", autocomplete: "new-password", isRequired: true },
  },
  "confirm-address": { mutation: "confirmEmailChange", password: null },
  "undo-address": { mutation: "undoEmailChange", password: null },
};

const field = (
  { label, hint }: { readonly label: string; readonly hint: string },
  { show, showPassword }: SpokenPage["common"],
  { name, autocomplete, isRequired }: Password,
): string => `<label for="password">${escapeHtml(label)}</label>
          <p id="hint" class="hint">${escapeHtml(hint)}</p>
          <div class="field">
            <input
              id="password"
              name="${name}"
              type="password"
              autocomplete="${autocomplete}"
              autocapitalize="none"
              autocorrect="off"
              spellcheck="false"
              aria-describedby="hint field-error"
              ${isRequired ? "required" : ""}
            />
            <button type="button" class="quiet" data-toggle aria-label="${escapeHtml(showPassword)}">${escapeHtml(show)}</button>
          </div>
          <p id="field-error" class="error" role="alert" data-field-error></p>`;

const section = (state: string, title: string, texts: readonly string[]): string =>
  `<section data-state="${state}" hidden>
        <h1 tabindex="-1">${escapeHtml(title)}</h1>
        ${paragraphs(texts)}
      </section>`;

const paragraphs = (texts: readonly string[]): string =>
  texts.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n        ");

const support = (text: string, address: string): string =>
  `<p class="support hint">${escapeHtml(text)} <a href="mailto:${escapeHtml(address)}">${escapeHtml(address)}</a></p>`;
