// Adds an authenticator app in a browser that is logged in, after a fresh proof where one is asked for.
import { call, type Refusal } from "./mutation.ts";
import { askForPasskey, knowsPasskeys } from "./passkey.ts";
import { complaintOf } from "./sentences.ts";
import { openForm, type StateForm } from "./state-form.ts";
import { requireElement, show } from "./states.ts";
import { findText, say } from "./texts.ts";

interface StartAnswer {
  readonly startTotp: { readonly secret: string; readonly uri: string; readonly qrSvg: string };
}

interface ProveAnswer {
  readonly startReauthentication: {
    readonly methods: readonly string[];
    readonly passkeyOptions: object | null;
  };
}

let proof: ProveAnswer["startReauthentication"] = { methods: [], passkeyOptions: null };

const start = async (form: StateForm): Promise<void> => {
  const { data, refusal } = await call<StartAnswer>("startTotp");
  if (refusal === null) return scan(data.startTotp);
  if (refusal.code === "UNAUTHENTICATED") return show("anonymous");
  if (refusal.code === "REAUTHENTICATION_REQUIRED") return askForProof(form);
  form.complain(aboveOnly(refusal), "");
};

const askForProof = async (form: StateForm): Promise<void> => {
  const { data, refusal } = await call<ProveAnswer>("startReauthentication");
  if (refusal !== null) return form.complain(aboveOnly(refusal), "");
  proof = data.startReauthentication;
  const asksPassword = proof.methods.includes("PASSWORD");
  const isMailed = proof.methods.includes("EMAIL_CODE");
  proveForm.showField("password", asksPassword);
  proveForm.showField("proof", !asksPassword && proof.methods.some((method) => method !== "PASSKEY"));
  passkey.hidden = proof.passkeyOptions === null || !knowsPasskeys();
  show("prove");
  if (isMailed) requireElement("[role=status]", proveForm.element).textContent = say("codeMailed");
};

const prove = async (form: StateForm): Promise<void> => {
  const [password, typed] = [form.read("password"), form.read("proof")];
  const field = form.isShown("password") ? "password" : "proof";
  if (password === "" && typed === "")
    return form.complain(
      { ofField: field === "password" ? say("enterPassword") : say("enterCode"), ofForm: null },
      field,
    );
  // Six digits are of the app, eight letters of a mail, and more of the list that was kept.
  const isRecovery = proof.methods.includes("RECOVERY_CODE") && !/^[\d\s]+$/.test(typed);
  const given = password !== "" ? { password } : isRecovery ? { recoveryCode: typed } : { code: typed };
  const { refusal } = await call("reauthenticate", given);
  await afterProof(form, refusal, field);
};

const afterProof = async (form: StateForm, refusal: Refusal | null, field: string): Promise<void> => {
  if (refusal?.code === "UNAUTHENTICATED") return show("anonymous");
  if (refusal !== null)
    return form.complain(
      complaintOf(refusal, field === "password" ? say("wrongPassword") : say("wrongCode")),
      field,
    );
  form.empty();
  await start(form);
};

const provePasskey = async (): Promise<void> => {
  const response = await askForPasskey(proof.passkeyOptions ?? {});
  if (response === null) return proveForm.complain({ ofField: null, ofForm: say("passkeyFailed") }, "proof");
  const { refusal } = await call("reauthenticateWithPasskey", { passkey: response });
  await afterProof(proveForm, refusal, "proof");
};

const scan = ({ secret, uri, qrSvg }: StartAnswer["startTotp"]): void => {
  requireElement<HTMLElement>("[data-secret]").textContent = secret.replaceAll(/(.{4})(?=.)/g, "$1 ");
  requireElement<HTMLAnchorElement>("[data-uri]").href = uri;
  // As an image: markup of an image runs no script, and is no part of this page.
  requireElement<HTMLImageElement>("[data-qr]").src =
    `data:image/svg+xml;charset=utf-8,${encodeURIComponent(qrSvg)}`;
  show("scan");
};

const confirm = async (form: StateForm): Promise<void> => {
  const code = form.read("code");
  if (code === "") return form.complain({ ofField: say("enterCode"), ofForm: null }, "code");
  const { data, refusal } = await call<{
    readonly confirmTotp: { readonly recoveryCodes: readonly string[] };
  }>("confirmTotp", { code });
  if (refusal?.code === "REAUTHENTICATION_REQUIRED") return askForProof(form);
  if (refusal !== null) return form.complain(complaintOf(refusal, say("wrongCode")), "code");
  form.empty();
  showCodes(data.confirmTotp.recoveryCodes);
};

const showCodes = (codes: readonly string[]): void => {
  requireElement("[data-codes]").replaceChildren(
    ...codes.map((code) => Object.assign(document.createElement("li"), { textContent: code })),
  );
  const status = requireElement<HTMLElement>("[data-state=codes] [role=status]");
  requireElement("[data-copy]").addEventListener("click", () => {
    const copying = navigator.clipboard?.writeText(codes.join("\n")) ?? Promise.reject();
    copying.then(
      () => {
        status.textContent = say("copied");
      },
      () => {
        status.textContent = say("notCopied");
      },
    );
  });
  requireElement("[data-print]").addEventListener("click", () => print());
  // Nothing of the enrolment stays on the page.
  requireElement<HTMLElement>("[data-secret]").textContent = "";
  requireElement("[data-qr]").remove();
  requireElement("[data-uri]").remove();
  show("codes");
};

/** This form has no field. */
const aboveOnly = (refusal: Refusal) => {
  const rule = refusal.fields[0]?.rule;
  const { ofField, ofForm } = complaintOf(refusal);
  return { ofField: null, ofForm: (rule === undefined ? null : findText(rule)) ?? ofForm ?? ofField };
};

openForm("ask", start);
const proveForm = openForm("prove", prove);
const passkey = requireElement<HTMLButtonElement>("[data-passkey]", proveForm.element);
passkey.addEventListener("click", () => void proveForm.sending(provePasskey));
openForm("scan", confirm);
show("ask");
