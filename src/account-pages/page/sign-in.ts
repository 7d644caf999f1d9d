// Logs in by the link of a mailed code, when its button is pressed, or completes a login that another page began.
import { finishLogin } from "./finish.ts";
import { call } from "./mutation.ts";
import { findNextPlace } from "./next-place.ts";
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

const finish = async (): Promise<void> => {
  const next = findNextPlace(heldPart("next") ?? "", location.origin);
  forgetSecret();
  await finishLogin(() => (next === null ? show("done") : location.replace(next)));
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
