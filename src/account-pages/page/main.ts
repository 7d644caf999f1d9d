// An account page, which a link in a mail opens: spends the link's secret only when its button is pressed.
import { mutate } from "./mutation.ts";
import { findPasswordField } from "./password-field.ts";
import { forgetSecret, heldSecret, watchLinks } from "./secret.ts";
import { complaintOf, isLinkDead } from "./sentences.ts";
import { requireElement, show } from "./states.ts";
import { say } from "./texts.ts";

const form = requireElement<HTMLFormElement>("form");
const button = requireElement<HTMLButtonElement>("[type=submit]");
const formError = requireElement<HTMLElement>("[data-form-error]");
const progress = requireElement<HTMLElement>("[role=status]");
const field = findPasswordField(form);
let isSending = false;

const complain = ({ ofField, ofForm }: { ofField: string | null; ofForm: string | null }): void => {
  field?.complain(ofField);
  formError.textContent = ofForm;
  if (ofField !== null) field?.focus();
};

/** The button stays focusable while sending: disabling a focused button moves the focus to the top of the page. */
const setSending = (sending: boolean): void => {
  isSending = sending;
  button.setAttribute("aria-disabled", String(sending));
  progress.textContent = sending ? say("sending") : "";
};

const spend = async (): Promise<void> => {
  const token = heldSecret();
  const typed = field?.read() ?? "";
  if (isSending || token === null) return;
  complain({ ofField: null, ofForm: null });
  if (field?.isRequired && typed === "") return complain({ ofField: say("enterPassword"), ofForm: null });

  field?.hide();
  setSending(true);
  // An empty field is sent as null: the server then checks the session instead.
  const refusal = await mutate(form.dataset.mutation ?? "", {
    token,
    ...(field && { [field.name]: typed === "" ? null : typed }),
  });
  setSending(false);
  // Another link was opened in this tab meanwhile, and the page now belongs to that link.
  if (heldSecret() !== token) return;
  if (refusal !== null && !isLinkDead(refusal)) return complain(complaintOf(refusal));
  forgetSecret();
  field?.empty();
  show(refusal === null ? "done" : "dead");
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void spend();
});

watchLinks(() => show(heldSecret() === null ? "missing" : "ask"));
