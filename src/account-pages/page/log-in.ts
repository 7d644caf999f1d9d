// The page to log in: by a password, a passkey or a mailed code. The links to providers need no script.
import { finishLogin } from "./finish.ts";
import { call } from "./mutation.ts";
import { askForPasskey, knowsPasskeys } from "./passkey.ts";
import { openSecondStep } from "./second-step.ts";
import { aboveOnly, complaintOf, isLinkDead } from "./sentences.ts";
import { openForm, type StateForm } from "./state-form.ts";
import { show } from "./states.ts";
import { say } from "./texts.ts";

interface LoginAnswer {
  readonly challenge: {
    readonly pendingToken: string;
    readonly methods: readonly string[];
    readonly passkeyOptions: object | null;
  } | null;
}

/** The server has judged the place, and has written it into the page: nothing here reads an address. */
const finish = (): Promise<void> => finishLogin(() => location.replace(ask.element.dataset.returnTo ?? "/"));

const goOn = ({ challenge }: LoginAnswer): Promise<void> | void =>
  challenge === null ? finish() : secondStep.begin(challenge);

const logIn = async (form: StateForm): Promise<void> => {
  const [username, password] = [form.read("username"), form.read("password")];
  if (username === "") return form.complain({ ofField: say("enterUsername"), ofForm: null }, "username");
  if (password === "") return form.complain({ ofField: say("enterPassword"), ofForm: null }, "password");
  const { data, refusal } = await call<{ readonly login: LoginAnswer }>("login", { username, password });
  if (refusal !== null) return form.complain(complaintOf(refusal, say("wrongLogin")), "password");
  form.empty();
  await goOn(data.login);
};

const logInByPasskey = async (): Promise<void> => {
  const started = await call<{
    readonly startPasskeyLogin: { readonly options: object; readonly pendingToken: string };
  }>("startPasskeyLogin");
  if (started.refusal !== null) return ask.complain(aboveOnly(started.refusal), "");
  const { options, pendingToken } = started.data.startPasskeyLogin;
  const response = await askForPasskey(options);
  if (response === null) return ask.complain({ ofField: null, ofForm: say("passkeyFailed") }, "");
  const { refusal } = await call("loginWithPasskey", { pendingToken, response });
  if (refusal === null) return finish();
  const isRefused = refusal.code === "INVALID_CREDENTIALS" || isLinkDead(refusal);
  ask.complain(isRefused ? { ofField: null, ofForm: say("passkeyFailed") } : aboveOnly(refusal), "");
};

/** The token of the login that waits for the code from a mail. */
let pendingToken = "";

const requestCode = async (form: StateForm): Promise<void> => {
  const email = form.read("email");
  if (email === "") return form.complain({ ofField: say("enterEmail"), ofForm: null }, "email");
  const { data, refusal } = await call<{ readonly requestLoginCode: { readonly pendingToken: string } }>(
    "requestLoginCode",
    { email },
  );
  if (refusal !== null) return form.complain(complaintOf(refusal), "email");
  ({ pendingToken } = data.requestLoginCode);
  show("mailed");
};

const logInByCode = async (form: StateForm): Promise<void> => {
  const code = form.read("mailed-code");
  if (code === "") return form.complain({ ofField: say("enterCode"), ofForm: null }, "mailed-code");
  const { data, refusal } = await call<{ readonly loginWithCode: LoginAnswer }>("loginWithCode", {
    pendingToken,
    code,
  });
  if (refusal !== null && isLinkDead(refusal)) return show("dead");
  if (refusal !== null) return form.complain(complaintOf(refusal, say("wrongCode")), "mailed-code");
  form.empty();
  await goOn(data.loginWithCode);
};

const requestReset = async (form: StateForm): Promise<void> => {
  const email = form.read("address");
  if (email === "") return form.complain({ ofField: say("enterEmail"), ofForm: null }, "address");
  const { refusal } = await call("requestPasswordReset", { email });
  if (refusal !== null) return form.complain(complaintOf(refusal), "address");
  show("reset-sent");
};

/** A form or button that the page has only where the service offers it. */
const find = (selector: string) => document.querySelector<HTMLButtonElement>(selector);

const ask = openForm("ask", logIn);
const secondStep = openSecondStep({ done: () => void finish(), dead: () => show("dead") });
if (find("form[data-state=mail]") !== null) {
  openForm("mail", requestCode);
  openForm("mailed", logInByCode);
}
if (find("form[data-state=reset]") !== null) openForm("reset", requestReset);
find("[data-mail]")?.addEventListener("click", () => show("mail"));
find("[data-reset]")?.addEventListener("click", () => show("reset"));
const passkey = find("[data-log-in-passkey]");
if (passkey !== null) {
  passkey.hidden = !knowsPasskeys();
  passkey.addEventListener("click", () => void ask.sending(logInByPasskey));
}
show("ask");
