// The HTML of the pages that log in by a mailed code, ask for the second step of a login, and add an authenticator app.
import { escapeHtml } from "../html.ts";
import { type Form, formState, frame, type Surroundings, section } from "./frame.ts";
import type { CompletePageText, SecondStepText } from "./texts/catalogue.ts";
import type { SpokenPage } from "./texts/languages.ts";

type Spoken<Name> = Extract<SpokenPage, { page: Name }>;

export function writeLogin({ language, text, common }: Spoken<"login">, surroundings: Surroundings): string {
  const { title, paragraphs, button } = text;
  const code = `<p class="code" dir="ltr" data-code></p>`;
  const content = [
    formState({ state: "ask", title, paragraphs, button, isFirst: true }),
    secondStep(text.secondStep),
    ...ends(text),
    // One state for a link that is used and for a browser that did not ask: the server does not tell them apart.
    section("dead", text.elsewhere.title, text.elsewhere.paragraphs, code),
    section("missing", common.missingTitle, common.missing),
  ].join("\n      ");
  return frame({ language, title, common, script: "sign-in.js", content }, surroundings);
}

export function writeComplete(
  { language, text, common }: Spoken<"complete">,
  surroundings: Surroundings,
): string {
  const { title } = text.secondStep;
  const content = [
    secondStep(text.secondStep, { isFirst: true }),
    ...ends(text),
    section("dead", text.missing.title, text.missing.paragraphs),
    section("missing", text.missing.title, text.missing.paragraphs),
  ].join("\n      ");
  return frame({ language, title, common, script: "sign-in.js", content }, surroundings);
}

export function writeSecondFactor(
  { language, text, common }: Spoken<"second-factor">,
  surroundings: Surroundings,
): string {
  const { title, paragraphs, button, prove, scan, codes } = text;
  const passkey = quietButton("data-passkey", prove.usePasskey, "hidden");
  const content = [
    formState({ state: "ask", title, paragraphs, button, isFirst: true }),
    formState({
      ...prove,
      state: "prove",
      fields: `${input({ id: "password", type: "password", autocomplete: "current-password" }, prove.password)}
          ${input({ id: "proof", autocomplete: "one-time-code" }, prove.code)}`,
      more: passkey,
    }),
    formState({
      ...scan,
      state: "scan",
      fields: `<img class="qr" data-qr width="220" height="220" alt="${escapeHtml(scan.image)}" />
          <p class="hint">${escapeHtml(scan.typeInstead)}</p>
          <p class="code" dir="ltr" data-secret></p>
          <p><a data-uri>${escapeHtml(scan.openApp)}</a></p>
          ${input({ id: "code", inputmode: "numeric", autocomplete: "one-time-code" }, scan.code)}`,
    }),
    section(
      "codes",
      codes.title,
      codes.paragraphs,
      `<ul class="codes" dir="ltr" data-codes></ul>
        <p class="actions">${quietButton("data-copy", codes.copy)} ${quietButton("data-print", codes.print)}</p>
        <p class="hint" role="status"></p>
        <p><a href="/">${escapeHtml(codes.site)}</a></p>`,
    ),
    section("anonymous", text.anonymous.title, text.anonymous.paragraphs),
  ].join("\n      ");
  return frame({ language, title, common, script: "second-factor.js", content }, surroundings);
}

const secondStep = (text: SecondStepText, part: Pick<Form, "isFirst"> = {}): string =>
  formState({
    ...part,
    state: "second",
    title: text.title,
    paragraphs: text.paragraphs,
    button: text.button,
    fields: `${input({ id: "code", inputmode: "numeric", autocomplete: "one-time-code" }, text.code)}
          ${input({ id: "recovery", autocomplete: "off" }, text.recoveryCode)}
          <p class="choice"><input id="trust" type="checkbox" /> <label for="trust">${escapeHtml(text.trust)}</label></p>`,
    more: [
      quietButton("data-passkey", text.usePasskey, "hidden"),
      quietButton("data-use-recovery", text.useRecoveryCode, "hidden"),
      quietButton("data-use-code", text.useCode, "hidden"),
    ].join("\n          "),
  });

const ends = ({ done, enrol }: CompletePageText): readonly string[] => [
  section("done", done.title, done.paragraphs, `<p><a href="/">${escapeHtml(done.site)}</a></p>`),
  section(
    "enrol",
    enrol.title,
    enrol.paragraphs,
    `<p><a href="/account/second-factor">${escapeHtml(enrol.go)}</a></p>`,
  ),
];

interface Input {
  readonly id: string;
  readonly type?: "password";
  readonly inputmode?: "numeric";
  readonly autocomplete: string;
}

/** In a block of its own, which the script hides when it is not asked for. */
const input = (
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

const quietButton = (attribute: string, text: string, hidden = ""): string =>
  `<button type="button" class="quiet" ${attribute} ${hidden}>${escapeHtml(text)}</button>`;
