// The HTML of the page to log in, with the ways in that the service offers.
import { escapeHtml } from "../html.ts";
import { formState, frame, logInQuery, type Surroundings, section } from "./frame.ts";
import { input, quietButton } from "./inputs.ts";
import { enrolment, secondStep } from "./sign-in-layout.ts";
import type { SignInPageText } from "./texts/catalogue.ts";
import type { SpokenPage } from "./texts/languages.ts";

/** As `loginMethods` says. */
export interface OfferedLogins {
  readonly password: boolean;
  readonly emailCode: boolean;
  readonly passkey: boolean;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
}

/** `returnTo`: a place that a login may lead to. Null: the front page. `again`: providers are to ask the user. */
export function writeLogIn(
  { language, text, common }: Extract<SpokenPage, { page: "sign-in" }>,
  {
    offered,
    returnTo,
    again,
    ...surroundings
  }: Surroundings & {
    readonly offered: OfferedLogins;
    readonly returnTo: string | null;
    readonly again: boolean;
  },
): string {
  const { title, mail, code, reset, resetSent, missing } = text;
  const query = logInQuery({ returnTo, again });
  const back = `<p><a href="/login${escapeHtml(query)}">${escapeHtml(text.back)}</a></p>`;
  const email = (id: string, field: SignInPageText["username"]) =>
    input({ id, type: "email", autocomplete: "email" }, field);
  const content = [
    formState({
      ...firstFields(text, offered),
      state: "ask",
      title,
      paragraphs: text.paragraphs,
      isFirst: true,
      attributes: ` data-return-to="${escapeHtml(returnTo ?? "/")}"`,
      before: providerLinks(text, offered, query),
    }),
    ...(offered.emailCode
      ? [
          formState({ ...mail, state: "mail", fields: email("email", mail.email), more: back }),
          formState({
            ...code,
            state: "mailed",
            fields: input({ id: "mailed-code", autocomplete: "one-time-code" }, code.code),
            more: back,
          }),
        ]
      : []),
    ...(offered.password
      ? [
          formState({ ...reset, state: "reset", fields: email("address", reset.email), more: back }),
          section("reset-sent", resetSent.title, resetSent.paragraphs, back),
        ]
      : []),
    secondStep(text.secondStep),
    enrolment(text.enrol),
    section("dead", missing.title, missing.paragraphs, back),
  ].join("\n      ");
  const { withoutScript } = text;
  return frame({ language, title, common, script: "log-in.js", content, withoutScript }, surroundings);
}

/** Links, so that they work without the script. */
const providerLinks = (
  { withProvider }: SignInPageText,
  { providers }: OfferedLogins,
  query: string,
): string => {
  const links = providers.map(({ id, name }) => {
    const text = withProvider.replace("{provider}", () => name);
    return `<li><a class="way" href="/login/${id}${escapeHtml(query)}">${escapeHtml(text)}</a></li>`;
  });
  return links.length === 0 ? "" : `<ul class="ways">${links.join("")}</ul>`;
};

const firstFields = (text: SignInPageText, { password, passkey, emailCode }: OfferedLogins) => ({
  button: password ? text.button : null,
  fields: password
    ? `${input({ id: "username", autocomplete: "username" }, text.username)}
          ${input({ id: "password", type: "password", autocomplete: "current-password" }, text.password)}`
    : "",
  more: [
    ...(passkey ? [quietButton("data-log-in-passkey", text.usePasskey, "hidden")] : []),
    ...(emailCode ? [quietButton("data-mail", text.useMail)] : []),
    ...(password ? [quietButton("data-reset", text.forgotten)] : []),
  ].join("\n          "),
});
