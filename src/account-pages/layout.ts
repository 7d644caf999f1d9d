// The HTML of an account page: those that a link in a mail opens to spend it, and those of logging in.
import { escapeHtml } from "../html.ts";
import { formState, frame, type Surroundings, section } from "./frame.ts";
import { writeIdentities } from "./identities-layout.ts";
import { writeComplete, writeLogin, writeSecondFactor } from "./sign-in-layout.ts";
import type { CommonTexts, LinkPageName } from "./texts/catalogue.ts";
import type { SpokenPage } from "./texts/languages.ts";

/** All but the page to log in, which depends on the request. */
export type StaticPage = Exclude<SpokenPage, { page: "sign-in" }>;

export function writeHtml(spoken: StaticPage, surroundings: Surroundings): string {
  switch (spoken.page) {
    case "login":
      return writeLogin(spoken, surroundings);
    case "complete":
      return writeComplete(spoken, surroundings);
    case "second-factor":
      return writeSecondFactor(spoken, surroundings);
    case "identities":
      return writeIdentities(spoken, surroundings);
    default:
      return writeLinkPage(spoken, surroundings);
  }
}

const writeLinkPage = (
  { page, language, text, common }: Extract<SpokenPage, { page: LinkPageName }>,
  surroundings: Surroundings,
): string => {
  const { mutation, password } = forms[page];
  const { title, paragraphs, button } = text;
  const fields = password === null || !("label" in text) ? "" : field(text, common, password);
  const attributes = ` data-mutation="${mutation}"`;
  const content = [
    formState({ state: "ask", title, paragraphs, button, fields, attributes, isFirst: true }),
    section("done", text.done.title, text.done.paragraphs),
    section("dead", common.deadTitle, text.dead),
    section("missing", common.missingTitle, common.missing),
  ].join("\n      ");
  return frame({ language, title, common, script: "main.js", content }, surroundings);
};

interface Password {
  readonly name: string;
  readonly autocomplete: "current-password" | "new-password";
  readonly isRequired: boolean;
}

const forms: Readonly<
  Record<LinkPageName, { readonly mutation: string; readonly password: Password | null }>
> = {
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
  { show, showPassword }: CommonTexts,
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
