// The second step of a login, whichever page began it.
import { type Called, call, type Refusal } from "./mutation.ts";
import { askForPasskey, knowsPasskeys } from "./passkey.ts";
import { complaintOf, isLinkDead } from "./sentences.ts";
import { openForm } from "./state-form.ts";
import { requireElement, show } from "./states.ts";
import { say } from "./texts.ts";

export interface LoginChallenge {
  readonly pendingToken: string;
  /** Null: the page that began the login did not say. */
  readonly methods: readonly string[] | null;
  readonly passkeyOptions: object | null;
}

export interface SecondStep {
  begin(challenge: LoginChallenge): void;
}

/** `onDead`: the login is no longer waiting. */
export const openSecondStep = (on: { readonly done: () => void; readonly dead: () => void }): SecondStep => {
  let challenge: LoginChallenge | null = null;
  const form = openForm("second", async () => {
    const [field, name] = form.isShown("code") ? ["code", "code"] : ["recovery", "recoveryCode"];
    const typed = form.read(field);
    if (typed === "") return form.complain({ ofField: say("enterCode"), ofForm: null }, field);
    await complete("completeLogin", { [name]: typed }, field);
  });
  const button = (name: string) => requireElement<HTMLButtonElement>(`[data-${name}]`, form.element);
  const [passkey, useRecovery, useCode] = [button("passkey"), button("use-recovery"), button("use-code")];
  const trust = requireElement<HTMLInputElement>("#trust", form.element);

  const has = (method: string) => challenge?.methods?.includes(method) ?? method !== "PASSKEY";
  const ask = (kind: "code" | "recovery") => {
    form.showField("code", kind === "code");
    form.showField("recovery", kind === "recovery");
    useRecovery.hidden = kind === "recovery" || !has("RECOVERY_CODE");
    useCode.hidden = kind === "code" || !has("TOTP");
  };
  const turnTo = (kind: "code" | "recovery") => {
    ask(kind);
    requireElement<HTMLInputElement>(`#${kind}`, form.element).focus();
  };
  const complete = async (name: string, proof: Readonly<Record<string, string | object>>, field: string) => {
    if (challenge === null) return;
    const { pendingToken } = challenge;
    const { refusal }: Called<object> = await call(name, {
      pendingToken,
      trustBrowser: trust.checked,
      ...proof,
    });
    // Another link was opened in this tab meanwhile.
    if (challenge?.pendingToken !== pendingToken) return;
    if (refusal !== null) return refuse(refusal, field);
    challenge = null;
    form.empty();
    on.done();
  };
  const refuse = (refusal: Refusal, field: string) => {
    if (isLinkDead(refusal)) on.dead();
    else form.complain(complaintOf(refusal, say("wrongCode")), field);
  };
  const provePasskey = async () => {
    const response = await askForPasskey(challenge?.passkeyOptions ?? {});
    if (response === null) form.complain({ ofField: null, ofForm: say("passkeyFailed") }, "code");
    else await complete("completeLoginWithPasskey", { passkey: response }, "code");
  };
  passkey.addEventListener("click", () => void form.sending(provePasskey));
  useRecovery.addEventListener("click", () => turnTo("recovery"));
  useCode.addEventListener("click", () => turnTo("code"));

  return {
    begin(given) {
      challenge = given;
      form.empty();
      ask(has("TOTP") || !has("RECOVERY_CODE") ? "code" : "recovery");
      passkey.hidden = !has("PASSKEY") || given.passkeyOptions === null || !knowsPasskeys();
      show("second");
    },
  };
};
