// What the pages of logins with providers say, in English and German. Nothing that a provider has sent is shown.
import type { ProviderPage } from "../auth/flows/providers/outcome.ts";

/** `going-on`: the browser comes back with a form, and goes on to the callback. */
export type LoginPage = ProviderPage | "going-on";

export interface LoginPageText {
  readonly title: string;
  readonly text: string;
}

/** Links that lead on. */
export type LoginPageLink = "logIn" | "logInToLink" | "identities";

/** `provider`: its name in the settings. */
type Texts = (provider: string) => Readonly<Record<LoginPage, LoginPageText>>;

const english: Texts = (provider) => ({
  "wrong-place": {
    title: "This link is not right",
    text: "It leads to a place that does not belong to this service. Go back and try another one.",
  },
  "wrong-app": {
    title: "The app has not begun this login rightly",
    text: "Please go back to the app, update it, and try again.",
  },
  unavailable: {
    title: `${provider} does not answer`,
    text: "Please try again in a few minutes, or log in another way.",
  },
  expired: {
    title: "This login is no longer valid",
    text: "It was used already, took longer than ten minutes, or was begun in another browser or at another address of this service. Please begin again.",
  },
  denied: {
    title: "You have cancelled the login",
    text: `${provider} has told us nothing about you. You can begin again.`,
  },
  failed: {
    title: "The login has failed",
    text: `What ${provider} has sent us could not be accepted. Please try again.`,
  },
  "known-email": {
    title: "You have an account already",
    text: `There is an account with your email. Log in to it as before, and then link ${provider} to it. If you have forgotten the password, you can set a new one.`,
  },
  refused: { title: "You cannot log in", text: "This account cannot be used at the moment." },
  "registration-closed": {
    title: "There is no account for you yet",
    text: "New accounts are created by the administrators of this service only.",
  },
  "no-email": {
    title: "Your email is missing",
    text: `An account needs an email that ${provider} has verified. Verify it there and let this service see it, or register with a password.`,
  },
  "linked-elsewhere": {
    title: "This login belongs to another account",
    text: `Your account at ${provider} opens another account of this service already. Remove it there first.`,
  },
  "not-linked": {
    title: "The login was not linked",
    text: "Please log in again, and then link it within ten minutes, in the same browser.",
  },
  busy: { title: "Too many attempts", text: "Please wait a minute, and then try again." },
  "going-on": { title: "One moment, please", text: `You are coming back from ${provider}.` },
});

const german: Texts = (provider) => ({
  "wrong-place": {
    title: "Dieser Link stimmt nicht",
    text: "Er führt an einen Ort, der nicht zu diesem Dienst gehört. Gehen Sie zurück und versuchen Sie einen anderen.",
  },
  "wrong-app": {
    title: "Die App hat diese Anmeldung nicht richtig begonnen",
    text: "Gehen Sie zurück zur App, aktualisieren Sie sie und versuchen Sie es noch einmal.",
  },
  unavailable: {
    title: `${provider} antwortet nicht`,
    text: "Versuchen Sie es in einigen Minuten noch einmal, oder melden Sie sich anders an.",
  },
  expired: {
    title: "Diese Anmeldung gilt nicht mehr",
    text: "Sie wurde schon verwendet, hat länger als zehn Minuten gedauert oder wurde in einem anderen Browser oder unter einer anderen Adresse dieses Dienstes begonnen. Bitte beginnen Sie noch einmal.",
  },
  denied: {
    title: "Sie haben die Anmeldung abgebrochen",
    text: `${provider} hat uns nichts über Sie gesagt. Sie können noch einmal beginnen.`,
  },
  failed: {
    title: "Die Anmeldung ist fehlgeschlagen",
    text: `Was ${provider} uns gesendet hat, konnte nicht angenommen werden. Bitte versuchen Sie es noch einmal.`,
  },
  "known-email": {
    title: "Sie haben schon ein Konto",
    text: `Es gibt ein Konto mit Ihrer E-Mail-Adresse. Melden Sie sich wie bisher an und verbinden Sie es dann mit ${provider}. Wenn Sie das Passwort vergessen haben, können Sie ein neues setzen.`,
  },
  refused: {
    title: "Sie können sich nicht anmelden",
    text: "Dieses Konto kann zurzeit nicht verwendet werden.",
  },
  "registration-closed": {
    title: "Es gibt noch kein Konto für Sie",
    text: "Neue Konten legt nur die Verwaltung dieses Dienstes an.",
  },
  "no-email": {
    title: "Ihre E-Mail-Adresse fehlt",
    text: `Ein Konto braucht eine E-Mail-Adresse, die ${provider} bestätigt hat. Bestätigen Sie sie dort und geben Sie sie für diesen Dienst frei, oder registrieren Sie sich mit einem Passwort.`,
  },
  "linked-elsewhere": {
    title: "Diese Anmeldung gehört zu einem anderen Konto",
    text: `Ihr Konto bei ${provider} öffnet schon ein anderes Konto dieses Dienstes. Entfernen Sie es zuerst dort.`,
  },
  "not-linked": {
    title: "Die Anmeldung wurde nicht verbunden",
    text: "Melden Sie sich noch einmal an und verbinden Sie sie dann innerhalb von zehn Minuten im selben Browser.",
  },
  busy: {
    title: "Zu viele Versuche",
    text: "Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.",
  },
  "going-on": { title: "Einen Moment, bitte", text: `Sie kommen von ${provider} zurück.` },
});

export const loginLinkTexts: ReadonlyMap<string, Readonly<Record<LoginPageLink, string>>> = new Map([
  ["en", { logIn: "Log in", logInToLink: "Log in to link it", identities: "Your logins" }],
  ["de", { logIn: "Anmelden", logInToLink: "Anmelden und verbinden", identities: "Ihre Anmeldungen" }],
]);

export const loginPageTexts: ReadonlyMap<string, Texts> = new Map([
  ["en", english],
  ["de", german],
]);

/** The text of the link that a browser follows by itself. */
export const goOnTexts: ReadonlyMap<string, string> = new Map([
  ["en", "Continue"],
  ["de", "Weiter"],
]);
