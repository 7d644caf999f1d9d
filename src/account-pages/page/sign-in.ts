// Logs in by the link of a mailed code, when its button is pressed, or completes a login that another page began.
import { call } from "./mutation.ts";
import { openSecondStep } from "./second-step.ts";
import { forgetSecret, heldPart, heldSecret, watchLinks } from "./secret.ts";
import { complaintOf, isLinkDead } from "./sentences.ts";
import { openForm } from "./state-form.ts";
import { requireElement, show } from "./states.ts";
import { say } from "./texts.ts";

interface LoginAnswer {
  readonly loginWithCode: {
    readonly challenge: {
      readonly pendingToken: string;
      readonly methods: readonly string[];
      readonly passkeyOptions: object | null;
    } | null;
  };
}

interface FactorsAnswer {
  readonly secondFactors: { readonly required: boolean; readonly totp: object | null };
  readonly passkeys: readonly object[];
}

/** Where a missing second factor keeps the user from everything, the next step is to add one. */
const finish = async (): Promise<void> => {
  const next = findNextPage();
  forgetSecret();
  const { data } = await call<FactorsAnswer>("secondFactors");
  const isMissing = data?.secondFactors.totp === null && data.passkeys.length === 0;
  if (data?.secondFactors.required && isMissing) return show("enrol");
  if (next === null) show("done");
  else location.replace(next);
};

/** The server leads on from a login with a provider. A link could name another page here, so only its own path counts. */
const findNextPage = (): string | null => {
  const next = heldPart("next");
  const url = next === null || !URL.canParse(next, location.origin) ? null : new URL(next, location.origin);
  return url?.origin === location.origin && /^\/login\/[a-z0-9-]+\/return$/.test(url.pathname)
    ? url.href
    : null;
};

const die = (): void => {
  forgetSecret();
  show("dead");
};

const secondStep = openSecondStep({ done: () => void finish(), dead: die });

const logIn = async (): Promise<void> => {
  const [pendingToken, code] = [heldSecret(), heldPart("code")];
  if (pendingToken === null || code === null) return;
  const { data, refusal } = await call<LoginAnswer>("loginWithCode", { pendingToken, code });
  // Another link was opened in this tab meanwhile, and the page now belongs to that link.
  if (heldSecret() !== pendingToken) return;
  if (refusal === null) {
    const { challenge } = data.loginWithCode;
    if (challenge === null) return finish();
    forgetSecret();
    return secondStep.begin(challenge);
  }
  if (isLinkDead(refusal)) {
    requireElement<HTMLElement>("[data-code]").textContent = code;
    return die();
  }
  const { ofField, ofForm } = complaintOf(refusal, say("incompleteLink"));
  ask?.complain({ ofField: null, ofForm: ofForm ?? ofField }, "");
};

/** Only the page of the link has it. */
const ask = document.querySelector("form[data-state=ask]") === null ? null : openForm("ask", logIn);

/** The page that began the login may say what its challenge said. */
const complete = (pendingToken: string): void => {
  const methods = heldPart("methods")?.split(",") ?? null;
  secondStep.begin({ pendingToken, methods, passkeyOptions: parse(heldPart("passkeyOptions")) });
};

const parse = (text: string | null): object | null => {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
};

watchLinks(() => {
  const secret = heldSecret();
  if (secret === null || (ask !== null && heldPart("code") === null)) show("missing");
  else if (ask === null) complete(secret);
  else show("ask");
});
