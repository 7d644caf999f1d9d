// What the HTML of every account page has: head, brand, states. All texts are plain and are escaped.
import type { Brand } from "../brand/brand.ts";
import { escapeHtml } from "../html.ts";
import { directionOf } from "../languages.ts";
import type { CommonTexts } from "./texts/catalogue.ts";

export interface Surroundings {
  readonly service: string;
  readonly brand: Brand;
}

export interface Framed {
  readonly language: string;
  readonly title: string;
  readonly common: CommonTexts;
  /** The name of its file. */
  readonly script: string;
  /** HTML. */
  readonly content: string;
  /** Instead of the text of all pages. */
  readonly withoutScript?: string;
}

export const frame = (
  { language, title, common, script, content, withoutScript = common.needsJavaScript }: Framed,
  { service, brand }: Surroundings,
): string => `<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="texts" content="${escapeHtml(JSON.stringify(common))}" />
    <title>${escapeHtml(title)}</title>
    <link rel="stylesheet" href="/account/page.css" />
    <script type="module" src="/account/${script}"></script>
  </head>
  <body>
    <main>
      ${brand.logo === null ? "" : '<img class="logo" src="/account/logo" alt="" />'}
      <p class="service">${escapeHtml(service)}</p>
      <noscript><p class="notice">${escapeHtml(withoutScript)}</p></noscript>

      ${content}
      ${brand.supportAddress === null ? "" : support(common.support, brand.supportAddress)}
    </main>
  </body>
</html>
`;

/** One of the page's states. `more` is HTML. */
export const section = (state: string, title: string, texts: readonly string[], more = ""): string =>
  `<section data-state="${state}" hidden>
        <h1 tabindex="-1">${escapeHtml(title)}</h1>
        ${paragraphs(texts)}${more}
      </section>`;

export interface Form {
  readonly state: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The text of the button that sends. Null: the form has other buttons only. */
  readonly button: string | null;
  /** Shown before the script runs. */
  readonly isFirst?: boolean;
  /** Attributes of the form. */
  readonly attributes?: string;
  /** HTML: above the fields, and not disabled with them; above the button; below it. */
  readonly before?: string;
  readonly fields?: string;
  readonly more?: string;
}

/** A state that sends something. Its fields are disabled until the script takes them: without it, nothing is sent. */
export const formState = (form: Form): string => {
  const title = escapeHtml(form.title);
  return `<form data-state="${form.state}"${form.attributes ?? ""} method="post" novalidate${form.isFirst ? "" : " hidden"}>
        <h1 tabindex="-1">${title}</h1>
        ${paragraphs(form.paragraphs)}${form.before ?? ""}
        <fieldset disabled>
          <legend class="unseen">${title}</legend>
          ${form.fields ?? ""}
          <p class="error" role="alert" data-form-error></p>
          ${form.button === null ? "" : `<button type="submit">${escapeHtml(form.button)}</button>`}
          ${form.more ?? ""}
          <p class="hint" role="status"></p>
        </fieldset>
      </form>`;
};

export const paragraphs = (texts: readonly string[]): string =>
  texts.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n        ");

/** To the page that logs in. `returnTo`: a path of ours. */
export const logInLink = (
  { logIn }: CommonTexts,
  place: Parameters<typeof logInQuery>[0] = { returnTo: null },
): string => `<p><a href="/login${escapeHtml(logInQuery(place))}">${escapeHtml(logIn)}</a></p>`;

/** `again`: a provider is to ask the user, though it has a session. */
export const logInQuery = ({
  returnTo,
  again = false,
}: {
  readonly returnTo: string | null;
  readonly again?: boolean;
}): string => {
  const query = new URLSearchParams({
    ...(again && { prompt: "login" }),
    ...(returnTo !== null && { return_to: returnTo }),
  });
  return query.size === 0 ? "" : `?${query}`;
};

const support = (text: string, address: string): string =>
  `<p class="support hint">${escapeHtml(text)} <a href="mailto:${escapeHtml(address)}">${escapeHtml(address)}</a></p>`;
