// The fields of the account pages, and the buttons beside the one that sends.
import { escapeHtml } from "../html.ts";
import type { CommonTexts } from "./texts/catalogue.ts";

interface Input {
  readonly id: string;
  readonly type?: "password" | "email";
  readonly inputmode?: "numeric";
  readonly autocomplete: string;
}

/** In a block of its own, which the script hides when it is not asked for. */
export const input = (
  { id, type, inputmode, autocomplete }: Input,
  { label, hint }: { readonly label: string; readonly hint: string },
): string => `<div data-field="${id}">
            <label for="${id}">${escapeHtml(label)}</label>
            <p id="${id}-hint" class="hint">${escapeHtml(hint)}</p>
            <div class="field">
              <input
                id="${id}"
                type="${type ?? "text"}"
                ${inputmode === undefined ? "" : `inputmode="${inputmode}"`}
                autocomplete="${autocomplete}"
                autocapitalize="none"
                autocorrect="off"
                spellcheck="false"
                aria-describedby="${id}-hint ${id}-error"
              />
            </div>
            <p id="${id}-error" class="error" role="alert" data-field-error></p>
          </div>`;

export const quietButton = (attribute: string, text: string, hidden = ""): string =>
  `<button type="button" class="quiet" ${attribute} ${hidden}>${escapeHtml(text)}</button>`;

/** Shown to a user whose email must be proven first. */
export const mailAgainButton = ({ mailAgain }: CommonTexts): string =>
  quietButton("data-mail-again", mailAgain, "hidden");
