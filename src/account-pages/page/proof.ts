// The fresh proof that an act asks for when the login of the session is old.
import { call, type Refusal } from "./mutation.ts";
import { askForPasskey, knowsPasskeys } from "./passkey.ts";
import { aboveOnly, complaintOf } from "./sentences.ts";
import { openForm, type StateForm } from "./state-form.ts";
import { requireElement, show } from "./states.ts";
import { say } from "./texts.ts";

export interface Proof {
  /** `form` shows why there is nothing to ask for. */
  ask(form: StateForm): Promise<void>;
}

interface ProofAnswer {
  readonly startReauthentication: {
    readonly methods: readonly string[];
    readonly passkeyOptions: object | null;
  };
}

/** `onProven`: repeats the act. */
export const openProof = (onProven: (form: StateForm) => Promise<void>): Proof => {
  let asked: ProofAnswer["startReauthentication"] = { methods: [], passkeyOptions: null };
  const proveForm = openForm("prove", async (form) => {
    const [password, typed] = [form.read("password"), form.read("proof")];
    const field = form.isShown("password") ? "password" : "proof";
    if (password === "" && typed === "")
      return form.complain(
        { ofField: field === "password" ? say("enterPassword") : say("enterCode"), ofForm: null },
        field,
      );
    // Six digits are of the app, eight letters of a mail, and more of the list that was kept.
    const isRecovery = asked.methods.includes("RECOVERY_CODE") && !/^[\d\s]+$/.test(typed);
    const given = password !== "" ? { password } : isRecovery ? { recoveryCode: typed } : { code: typed };
    const { refusal } = await call("reauthenticate", given);
    await goOn(refusal, field);
  });
  const passkey = requireElement<HTMLButtonElement>("[data-passkey]", proveForm.element);

  const goOn = async (refusal: Refusal | null, field: string): Promise<void> => {
    if (refusal?.code === "UNAUTHENTICATED") return show("anonymous");
    if (refusal !== null)
      return proveForm.complain(
        complaintOf(refusal, field === "password" ? say("wrongPassword") : say("wrongCode")),
        field,
      );
    proveForm.empty();
    await onProven(proveForm);
  };
  const provePasskey = async (): Promise<void> => {
    const response = await askForPasskey(asked.passkeyOptions ?? {});
    if (response === null)
      return proveForm.complain({ ofField: null, ofForm: say("passkeyFailed") }, "proof");
    const { refusal } = await call("reauthenticateWithPasskey", { passkey: response });
    await goOn(refusal, "proof");
  };
  passkey.addEventListener("click", () => void proveForm.sending(provePasskey));

  return {
    async ask(form) {
      const { data, refusal } = await call<ProofAnswer>("startReauthentication");
      if (refusal !== null) return form.complain(aboveOnly(refusal), "");
      asked = data.startReauthentication;
      // Only a login with a provider proves this user.
      if (asked.methods.length === 0) return show("again");
      const asksPassword = asked.methods.includes("PASSWORD");
      const isMailed = asked.methods.includes("EMAIL_CODE");
      proveForm.showField("password", asksPassword);
      proveForm.showField("proof", !asksPassword && asked.methods.some((method) => method !== "PASSKEY"));
      passkey.hidden = asked.passkeyOptions === null || !knowsPasskeys();
      show("prove");
      if (isMailed) requireElement("[role=status]", proveForm.element).textContent = say("codeMailed");
    },
  };
};
