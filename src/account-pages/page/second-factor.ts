// Adds an authenticator app in a browser that is logged in, after a fresh proof where one is asked for.
import { offerMailAgain } from "./mail-again.ts";
import { call } from "./mutation.ts";
import { openProof } from "./proof.ts";
import { aboveOnly, complaintOf } from "./sentences.ts";
import { openForm, type StateForm } from "./state-form.ts";
import { requireElement, show } from "./states.ts";
import { say } from "./texts.ts";

interface StartAnswer {
  readonly startTotp: { readonly secret: string; readonly uri: string; readonly qrSvg: string };
}

const start = async (form: StateForm): Promise<void> => {
  mailAgain.offer(null);
  const { data, refusal } = await call<StartAnswer>("startTotp");
  if (refusal === null) return scan(data.startTotp);
  if (refusal.code === "UNAUTHENTICATED") return show("anonymous");
  if (refusal.code === "REAUTHENTICATION_REQUIRED") return proof.ask(form);
  if (form !== ask) show("ask");
  ask.complain(aboveOnly(refusal), "");
  mailAgain.offer(refusal);
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
  if (refusal?.code === "REAUTHENTICATION_REQUIRED") return proof.ask(form);
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

const ask = openForm("ask", start);
const mailAgain = offerMailAgain(ask);
const proof = openProof(start);
openForm("scan", confirm);
show("ask");
