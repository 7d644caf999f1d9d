// The HTML of the pages that log in by a mailed code, ask for the second step of a login, and add an authenticator app.
import { escapeHtml } from "../html.ts";
import { type Form, formState, frame, logInLink, type Surroundings, section } from "./frame.ts";
import { input, mailAgainButton, quietButton } from "./inputs.ts";
import type { CommonTexts, CompletePageText, SecondStepText, SessionPageText } from "./texts/catalogue.ts";
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
    section("dead", text.elsewhere.title, text.elsewhere.paragraphs, code + logInLink(common)),
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
    section("dead", text.missing.title, text.missing.paragraphs, logInLink(common)),
    section("missing", text.missing.title, text.missing.paragraphs, logInLink(common)),
  ].join("\n      ");
  return frame({ language, title, common, script: "sign-in.js", content }, surroundings);
}

export function writeSecondFactor(
  { language, text, common }: Spoken<"second-factor">,
  surroundings: Surroundings,
): string {
  const { title, paragraphs, button, scan, codes } = text;
  const content = [
    formState({ state: "ask", title, paragraphs, button, more: mailAgainButton(common), isFirst: true }),
    ...sessionStates(text, common, "/account/second-factor"),
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
  ].join("\n      ");
  return frame({ language, title, common, script: "second-factor.js", content }, surroundings);
}

/** The states of a page that needs a session, and one that has proven the user lately. */
export const sessionStates = (
  { prove, again, anonymous }: SessionPageText,
  common: CommonTexts,
  page: string,
): readonly string[] => [
  formState({
    ...prove,
    state: "prove",
    fields: `${input({ id: "password", type: "password", autocomplete: "current-password" }, prove.password)}
          ${input({ id: "proof", autocomplete: "one-time-code" }, prove.code)}`,
    more: quietButton("data-passkey", prove.usePasskey, "hidden"),
  }),
  section("again", again.title, again.paragraphs, logInLink(common, { returnTo: page, again: true })),
  section("anonymous", anonymous.title, anonymous.paragraphs, logInLink(common, { returnTo: page })),
];

export const secondStep = (text: SecondStepText, part: Pick<Form, "isFirst"> = {}): string =>
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
  enrolment(enrol),
];

export const enrolment = ({ title, paragraphs, go }: CompletePageText["enrol"]): string =>
  section("enrol", title, paragraphs, `<p><a href="/account/second-factor">${escapeHtml(go)}</a></p>`);
