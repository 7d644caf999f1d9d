// Lists the logins with providers of the user of this browser, links one and removes one.
import { offerMailAgain } from "./mail-again.ts";
import { call, type Refusal } from "./mutation.ts";
import { openProof } from "./proof.ts";
import { aboveOnly } from "./sentences.ts";
import { openForm, type StateForm } from "./state-form.ts";
import { requireElement, show } from "./states.ts";
import { fill } from "./texts.ts";

interface Identity {
  readonly id: string;
  readonly provider: string;
  readonly email: string | null;
  readonly linkedAt: string;
  readonly lastUsedAt: string | null;
}

interface Provider {
  readonly id: string;
  readonly name: string;
}

interface ListAnswer {
  readonly identities: readonly Identity[];
  readonly loginMethods: { readonly providers: readonly Provider[] };
}

type Act = (form: StateForm) => Promise<void>;

/** What the user has asked for last: it is repeated after a proof. */
let act: Act = async () => undefined;

const perform = (form: StateForm, wanted: Act): Promise<void> =>
  form.sending(() => {
    act = wanted;
    return wanted(form);
  });

const refuse = async (form: StateForm, refusal: Refusal): Promise<void> => {
  if (refusal.code === "UNAUTHENTICATED") return show("anonymous");
  // The only page that this user may use.
  if (refusal.code === "SECOND_FACTOR_REQUIRED") return location.replace("/account/second-factor");
  if (refusal.code === "REAUTHENTICATION_REQUIRED") return proof.ask(form);
  if (form !== list) show("list");
  list.complain(aboveOnly(refusal), "");
  mailAgain.offer(refusal);
};

const load: Act = async (form) => {
  mailAgain.offer(null);
  const { data, refusal } = await call<ListAnswer>("identities");
  if (refusal !== null) return refuse(form, refusal);
  const { providers } = data.loginMethods;
  const nameOf = (id: string) => providers.find((provider) => provider.id === id)?.name ?? id;
  requireElement<HTMLElement>("[data-none]").hidden = data.identities.length > 0;
  requireElement("[data-identities]").replaceChildren(
    ...data.identities.map((identity) => rowOf(identity, nameOf(identity.provider))),
  );
  requireElement<HTMLElement>("[data-more]").hidden = providers.length === 0;
  requireElement("[data-providers]").replaceChildren(
    ...providers.map(({ id, name }) => {
      const text = fill(texts.link, { provider: name });
      return itemOf(buttonOf(text, () => perform(list, link(id))));
    }),
  );
  show("list");
};

const link =
  (provider: string): Act =>
  async (form) => {
    const { data, refusal } = await call<{ readonly startLinking: { readonly url: string } }>(
      "startLinking",
      { provider, returnTo: location.pathname },
    );
    if (refusal !== null) return refuse(form, refusal);
    location.assign(data.startLinking.url);
  };

const unlink =
  (id: string): Act =>
  async (form) => {
    const { refusal } = await call("unlinkIdentity", { id });
    // Removed in another tab: the list says so.
    if (refusal !== null && refusal.code !== "NOT_FOUND") return refuse(form, refusal);
    await load(form);
  };

const rowOf = (identity: Identity, name: string): HTMLElement => {
  const email = identity.email ?? "";
  const used =
    identity.lastUsedAt === null
      ? texts.neverUsed
      : fill(texts.lastUsedOn, { date: dateOf(identity.lastUsedAt) });
  const linked = fill(texts.linkedOn, { date: dateOf(identity.linkedAt) });
  const times = Object.assign(document.createElement("p"), {
    className: "hint",
    textContent: `${linked}, ${used}.`,
  });
  const title = Object.assign(document.createElement("strong"), { textContent: `${name} ${email}`.trim() });
  const remove = buttonOf(fill(texts.unlink, { provider: name, email }).replace(/\s+/g, " "), async () => {
    requireElement("[data-removed]").textContent = `${name} ${email}`.trim();
    act = unlink(identity.id);
    show("remove");
  });
  return itemOf(title, times, remove);
};

const itemOf = (...parts: readonly Node[]): HTMLElement => {
  const item = document.createElement("li");
  item.append(...parts);
  return item;
};

const buttonOf = (textContent: string, onPress: () => Promise<void>): HTMLElement => {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "quiet",
    textContent,
  });
  button.addEventListener("click", () => void onPress());
  return button;
};

const dateOf = (text: string): string =>
  new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" }).format(new Date(text));

const list = openForm("list", load);
const removal = openForm("remove", (form) => act(form));
const mailAgain = offerMailAgain(list);
const proof = openProof((form) => act(form));
/** The server wrote them into this page, and into no other. */
const texts: Readonly<Record<"linkedOn" | "lastUsedOn" | "neverUsed" | "unlink" | "link", string>> =
  JSON.parse(list.element.dataset.texts ?? "{}");
requireElement("[data-back]", removal.element).addEventListener("click", () => show("list"));
void perform(list, load);
