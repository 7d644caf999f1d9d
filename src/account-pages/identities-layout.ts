// The HTML of the page that lists the logins with providers, links one and removes one.
import { escapeHtml } from "../html.ts";
import { formState, frame, type Surroundings } from "./frame.ts";
import { mailAgainButton, quietButton } from "./inputs.ts";
import { sessionStates } from "./sign-in-layout.ts";
import type { SpokenPage } from "./texts/languages.ts";

export function writeIdentities(
  { language, text, common }: Extract<SpokenPage, { page: "identities" }>,
  surroundings: Surroundings,
): string {
  const { title, paragraphs, removal } = text;
  const own = { linkedOn: text.linkedOn, lastUsedOn: text.lastUsedOn, neverUsed: text.neverUsed };
  const content = [
    formState({
      state: "list",
      title,
      paragraphs,
      button: null,
      isFirst: true,
      attributes: ` data-texts="${escapeHtml(JSON.stringify({ ...own, unlink: text.unlink, link: text.link }))}"`,
      fields: `<p data-none hidden>${escapeHtml(text.none)}</p>
          <ul class="entries" data-identities></ul>
          <h2 data-more hidden>${escapeHtml(text.more)}</h2>
          <ul class="ways" data-providers></ul>`,
      more: `${mailAgainButton(common)}
          <p><a href="/">${escapeHtml(text.site)}</a></p>`,
    }),
    formState({
      ...removal,
      state: "remove",
      fields: `<p><strong data-removed></strong></p>`,
      more: quietButton("data-back", removal.back),
    }),
    ...sessionStates(text, common, "/account/identities"),
  ].join("\n      ");
  return frame({ language, title, common, script: "identities.js", content }, surroundings);
}
