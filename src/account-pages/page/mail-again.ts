// The button that mails the link again to a user whose email must be proven first.
import { call, type Refusal } from "./mutation.ts";
import { aboveOnly } from "./sentences.ts";
import type { StateForm } from "./state-form.ts";
import { requireElement } from "./states.ts";
import { say } from "./texts.ts";

export interface MailAgain {
  /** Shows the button when this is why the act was refused, and hides it otherwise. */
  offer(refusal: Refusal | null): void;
}

export const offerMailAgain = (form: StateForm): MailAgain => {
  const button = requireElement<HTMLButtonElement>("[data-mail-again]", form.element);
  const send = async (): Promise<void> => {
    let isSent = false;
    await form.sending(async () => {
      const { refusal } = await call("resendVerification");
      isSent = refusal === null;
      if (refusal !== null) form.complain(aboveOnly(refusal), "");
    });
    // After the text that says that something is sent.
    if (isSent) requireElement("[role=status]", form.element).textContent = say("mailedAgain");
  };
  button.addEventListener("click", () => void send());
  return {
    offer(refusal) {
      button.hidden = refusal?.fields[0]?.rule !== "email_unverified";
    },
  };
};
