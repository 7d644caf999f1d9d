// German, complete.
import type { MailTexts } from "./catalogue.ts";

const resetAtOnce =
  "Setzen Sie Ihr Passwort sofort zurück. Das beendet alle Sitzungen. Prüfen Sie dann, was sich sonst noch geändert hat.";

const quote = (name: string): string => `„${name}“`;

const factorName = (factor: "TOTP" | "PASSKEY"): string =>
  factor === "TOTP" ? "Eine Authentifizierungs-App" : "Ein Passkey";

/** Token, die eine Änderung übrig lässt: Der Leser weiß vielleicht, dass eines davon nicht seines ist. */
const remaining = (accessTokens: readonly string[]): readonly string[] =>
  accessTokens.length === 0
    ? []
    : [
        "Diese Zugriffstoken gelten weiter. Widerrufen Sie alle, die Sie nicht kennen:",
        ...accessTokens.map(quote),
      ];

export const germanMail: MailTexts = {
  greeting: ({ name }) => (name === null ? "Guten Tag," : `Guten Tag ${name},`),
  validity: ({ until }) => `Der Link gilt ein einziges Mal, bis zum ${until}.`,
  unexpected: ({ text }) => `Falls Sie das nicht waren: ${text}`,
  support: ({ supportAddress }) => `Brauchen Sie Hilfe? Schreiben Sie an ${supportAddress}.`,

  "verify-address": ({ service }) => ({
    subject: "Bestätigen Sie Ihre E-Mail-Adresse",
    label: "Diese Adresse bestätigen",
    paragraphs: [
      `Diese E-Mail-Adresse wurde für ein Konto bei ${service} angegeben. Wenn das Konto Ihnen gehört, bestätigen Sie die Adresse. Dabei melden Sie sich an.`,
    ],
    unexpected:
      "Sie müssen nichts tun. Vielleicht hat sich jemand vertippt, und ohne diesen Link wird die Adresse nicht bestätigt.",
  }),
  "reset-password": ({ service }) => ({
    subject: "Wählen Sie ein neues Passwort",
    label: "Neues Passwort wählen",
    paragraphs: [
      `Jemand möchte das Passwort Ihres Kontos bei ${service} zurücksetzen. Mit dem Link unten wählen Sie ein neues Passwort.`,
      "Dadurch werden Sie überall abgemeldet, und Ihre Zugriffstoken verlieren ihre Gültigkeit.",
    ],
    unexpected:
      "Sie müssen nichts tun: Ihr Passwort bleibt, wie es ist. Geben Sie diesen Link niemals weiter.",
  }),
  "address-change-confirm": ({ service }) => ({
    subject: "Bestätigen Sie Ihre neue E-Mail-Adresse",
    label: "Diese Adresse verwenden",
    paragraphs: [
      `Jemand möchte diese E-Mail-Adresse für ein Konto bei ${service} verwenden. Bestätigen Sie das nur, wenn das Konto Ihnen gehört.`,
    ],
    unexpected: "Sie müssen nichts tun: Ohne diesen Link behält das Konto seine bisherige Adresse.",
  }),
  "address-changed": ({ service }) => ({
    subject: "Ihre E-Mail-Adresse wurde geändert",
    label: "Die Änderung rückgängig machen",
    paragraphs: [
      `Die E-Mail-Adresse Ihres Kontos bei ${service} wurde geändert. An diese Adresse schreiben wir Ihnen nicht mehr.`,
    ],
    unexpected:
      "Jemand hat Zugang zu Ihrem Konto. Machen Sie die Änderung mit dem Link oben rückgängig, und wählen Sie dann ein neues Passwort.",
  }),
  invitation: ({ service }) => ({
    subject: `Sie haben ein Konto bei ${service}`,
    label: "Passwort wählen",
    paragraphs: [
      `Für Sie wurde in der Verwaltung von ${service} ein Konto angelegt. Wählen Sie ein Passwort, um es zu benutzen.`,
    ],
    unexpected:
      "Sie müssen nichts tun: Solange kein Passwort gewählt ist, kann sich niemand bei dem Konto anmelden.",
  }),
  "login-code": ({ service, when, device, ipAddress }) => ({
    subject: "Ihr Code zur Anmeldung",
    label: "Anmelden",
    paragraphs: [
      `Jemand möchte sich bei Ihrem Konto bei ${service} anmelden und hat am ${when} diesen Code angefordert.`,
      `Gerät: ${device ?? "unbekannt"}. IP-Adresse: ${ipAddress ?? "unbekannt"}.`,
      "Geben Sie den Code innerhalb von zehn Minuten in dem Browser oder der App ein, in der Sie ihn angefordert haben, oder öffnen Sie dort den Link. Geben Sie ihn niemals weiter, wer auch immer danach fragt: Beim Dienst braucht ihn niemand.",
    ],
    unexpected: "Sie müssen nichts tun: Ohne diesen Code wird niemand angemeldet.",
  }),
  "reauthentication-code": ({ service, when, device, ipAddress }) => ({
    subject: "Ihr Code zur Bestätigung",
    paragraphs: [
      `Eine Sitzung Ihres Kontos bei ${service} hat am ${when} nach einem Beweis gefragt, dass Sie es sind.`,
      `Gerät: ${device ?? "unbekannt"}. IP-Adresse: ${ipAddress ?? "unbekannt"}.`,
      "Geben Sie den Code dort innerhalb von zehn Minuten ein. Geben Sie ihn niemals weiter, wer auch immer danach fragt: Beim Dienst braucht ihn niemand.",
    ],
    unexpected: "Jemand benutzt Ihr Konto. Melden Sie sich an, und beenden Sie alle anderen Sitzungen.",
  }),
  "password-removed": ({ service, when }) => ({
    subject: "Ihre E-Mail-Adresse ist bestätigt, und das Passwort wurde entfernt",
    paragraphs: [
      `Sie haben sich am ${when} mit einem Code aus einer E-Mail bei Ihrem Konto bei ${service} angemeldet. Seine E-Mail-Adresse war nie bestätigt worden. Vielleicht hat jemand anderes das Passwort gewählt: Das Passwort, alle anderen Sitzungen und alle Zugriffstoken gelten nicht mehr.`,
      "Wählen Sie ein neues Passwort, indem Sie es zurücksetzen, oder melden Sie sich weiter mit Codes an.",
    ],
    unexpected: resetAtOnce,
  }),
  "address-taken": ({ service, when }) => ({
    subject: "Sie haben bereits ein Konto",
    paragraphs: [
      `Jemand wollte diese E-Mail-Adresse für ein weiteres Konto bei ${service} verwenden, am ${when}. Sie haben bereits ein Konto mit dieser Adresse. Es hat sich nichts geändert.`,
      "Wenn Sie das waren, melden Sie sich an. Wenn Sie Ihr Passwort vergessen haben, setzen Sie es zurück.",
    ],
    unexpected: "Sie müssen nichts tun: Niemand erfährt dadurch, dass Sie ein Konto haben.",
  }),
  "password-changed": ({ service, when, by, accessTokens }) => ({
    subject: "Ihr Passwort wurde geändert",
    paragraphs: [
      `Das Passwort Ihres Kontos bei ${service} wurde am ${when}${by === "operator" ? " vom Betreiber" : ""} geändert. ${
        accessTokens
          ? "Andere Geräte wurden abgemeldet."
          : "Alle Geräte wurden abgemeldet, und alle Zugriffstoken sind ungültig."
      }`,
      ...remaining(accessTokens ?? []),
    ],
    unexpected:
      by === "operator"
        ? "Fragen Sie den Betreiber des Dienstes, wenn Sie nicht darum gebeten haben."
        : resetAtOnce,
  }),
  "password-set": ({ service, when, accessTokens }) => ({
    subject: "Ihr Konto hat jetzt ein Passwort",
    paragraphs: [
      `Für Ihr Konto bei ${service} wurde am ${when} ein Passwort gesetzt. Es öffnet ab jetzt Ihr Konto. Andere Geräte wurden abgemeldet.`,
      ...remaining(accessTokens),
    ],
    unexpected: resetAtOnce,
  }),
  "second-factor-added": ({ service, when, factor }) => ({
    subject: "Ihr Konto hat einen zweiten Faktor",
    paragraphs: [
      `${factorName(factor)} wurde am ${when} zu Ihrem Konto bei ${service} hinzugefügt. Eine Anmeldung fragt ab jetzt danach.`,
      "Bewahren Sie Ihre Wiederherstellungscodes sicher auf: Ohne den zweiten Faktor öffnen nur sie Ihr Konto.",
    ],
    unexpected: resetAtOnce,
  }),
  "second-factor-removed": ({ service, when, factor }) => ({
    subject: "Ein zweiter Faktor wurde entfernt",
    paragraphs: [
      `${factorName(factor)} wurde am ${when} aus Ihrem Konto bei ${service} entfernt. Browser, denen Sie vertraut haben, fragen wieder nach dem zweiten Schritt.`,
    ],
    unexpected: resetAtOnce,
  }),
  "second-factors-reset": ({ service, when, accessTokens }) => ({
    subject: "Ihre zweiten Faktoren wurden entfernt",
    paragraphs: [
      `Die Verwaltung hat am ${when} alle zweiten Faktoren und Wiederherstellungscodes Ihres Kontos bei ${service} entfernt. Sie wurden überall abgemeldet. Melden Sie sich an und fügen Sie wieder einen zweiten Faktor hinzu.`,
      ...remaining(accessTokens),
    ],
    unexpected: "Fragen Sie in der Verwaltung des Dienstes nach, und setzen Sie Ihr Passwort zurück.",
  }),
  "recovery-codes-replaced": ({ service, when }) => ({
    subject: "Sie haben neue Wiederherstellungscodes",
    paragraphs: [
      `Am ${when} wurden neue Wiederherstellungscodes für Ihr Konto bei ${service} erstellt. Die früheren gelten nicht mehr.`,
    ],
    unexpected: resetAtOnce,
  }),
  "recovery-code-used": ({ service, when, left }) => ({
    subject: "Ein Wiederherstellungscode wurde verwendet",
    paragraphs: [
      `Am ${when} wurde ein Wiederherstellungscode Ihres Kontos bei ${service} verwendet. ${
        left === 0 ? "Es war der letzte: Erstellen Sie neue." : `Es sind noch ${left} übrig.`
      }`,
    ],
    unexpected: resetAtOnce,
  }),
  "passkey-counter-fell": ({ service, when, name, isAccepted }) => ({
    subject: "Ihr Passkey wurde vielleicht kopiert",
    paragraphs: [
      `Der Passkey ${name} Ihres Kontos bei ${service} wurde am ${when} verwendet, hatte aber weniger Verwendungen gezählt als zuvor. Das geschieht, wenn eine Kopie verwendet wird.`,
      isAccepted
        ? "Er wurde angenommen, weil sein Anbieter Kopien für Ihre anderen Geräte aufbewahrt."
        : "Er wurde abgelehnt.",
    ],
    unexpected: "Entfernen Sie diesen Passkey aus Ihrem Konto, und fügen Sie einen neuen hinzu.",
  }),
  "identity-linked": ({ service, when, provider }) => ({
    subject: `Ihr Konto lässt sich mit ${provider} öffnen`,
    paragraphs: [
      `Am ${when} wurde eine Anmeldung mit ${provider} mit Ihrem Konto bei ${service} verbunden. Sie öffnet ab jetzt Ihr Konto.`,
    ],
    unexpected: `Melden Sie sich an, entfernen Sie die Anmeldung mit ${provider} und ändern Sie Ihr Passwort.`,
  }),
  "identity-unlinked": ({ service, when, provider }) => ({
    subject: `${provider} öffnet Ihr Konto nicht mehr`,
    paragraphs: [`Am ${when} wurde eine Anmeldung mit ${provider} aus Ihrem Konto bei ${service} entfernt.`],
    unexpected: resetAtOnce,
  }),
  "identity-removed": ({ service, when, provider, accessTokens }) => ({
    subject: `${provider} öffnet Ihr Konto nicht mehr`,
    paragraphs: [
      `Die Verwaltung hat am ${when} eine Anmeldung mit ${provider} aus Ihrem Konto bei ${service} entfernt. Sie wurden überall abgemeldet.`,
      "Melden Sie sich auf einem anderen Weg an. Wenn Sie keinen haben, setzen Sie Ihr Passwort zurück, um eines zu wählen.",
      ...remaining(accessTokens),
    ],
    unexpected: "Fragen Sie in der Verwaltung des Dienstes nach.",
  }),
  "username-changed": ({ service, when, previousUsername, username }) => ({
    subject: "Ihr Benutzername wurde geändert",
    paragraphs: [
      `Der Benutzername Ihres Kontos bei ${service} wurde am ${when} von ${previousUsername} in ${username} geändert.`,
    ],
    unexpected: resetAtOnce,
  }),
  "access-token-created": ({ service, when, name }) => ({
    subject: "Ein Zugriffstoken wurde erstellt",
    paragraphs: [
      `Ein Zugriffstoken namens ${quote(name)} wurde am ${when} für Ihr Konto bei ${service} erstellt. Wer das Token hat, kann in Ihrem Namen handeln, soweit seine Berechtigungen reichen.`,
    ],
    unexpected: `Widerrufen Sie das Token. ${resetAtOnce}`,
  }),
  "token-leaked": ({ service, when }) => ({
    subject: "Eines Ihrer Token wurde öffentlich gefunden",
    paragraphs: [
      `Am ${when} hat jemand ein Token Ihres Kontos bei ${service} gemeldet. Das Token ist nicht mehr gültig. Wenn es zu einer Sitzung gehörte, ist auch diese beendet.`,
      "Finden Sie heraus, wo das Token veröffentlicht wurde, etwa in einem Repository, einem Protokoll oder einem Bildschirmfoto. Bisher konnte jeder, der es sah, in Ihrem Namen handeln.",
    ],
    unexpected:
      "Melden Sie Ihre anderen Geräte ab und ändern Sie Ihr Passwort, wenn Sie nicht wissen, wie das Token öffentlich wurde.",
  }),
  "roles-changed": ({ service, when, roles }) => ({
    subject: "Ihre Rollen wurden geändert",
    paragraphs: [
      `Die Rollen Ihres Kontos bei ${service} wurden am ${when} in der Verwaltung geändert.`,
      roles.length === 0
        ? "Sie haben jetzt keine Rollen."
        : `Sie haben jetzt diese Rollen: ${roles.join(", ")}.`,
    ],
    unexpected: "Fragen Sie in der Verwaltung des Dienstes nach.",
  }),
  impersonated: ({ service, when, by }) => ({
    subject: "Die Verwaltung hat in Ihrem Namen gehandelt",
    paragraphs: [
      `${by} hat als Mitglied der Verwaltung am ${when} begonnen, bei ${service} in Ihrem Namen zu handeln. Alle Handlungen werden mit diesem Namen aufgezeichnet.`,
    ],
    unexpected: "Fragen Sie in der Verwaltung des Dienstes nach, wenn Sie den Grund nicht kennen.",
  }),
  "new-device": ({ service, when, device, ipAddress }) => ({
    subject: "Anmeldung mit einem neuen Gerät",
    paragraphs: [
      `Jemand hat sich am ${when} bei Ihrem Konto bei ${service} angemeldet, mit einem neuen Gerät oder aus einem neuen Netz.`,
      `Gerät: ${device ?? "unbekannt"}. IP-Adresse: ${ipAddress ?? "unbekannt"}.`,
    ],
    unexpected: resetAtOnce,
  }),
  "account-deleted": ({ service, when }) => ({
    subject: "Ihr Konto wurde gelöscht",
    paragraphs: [
      `Ihr Konto bei ${service} und seine Daten wurden am ${when} gelöscht. Das lässt sich nicht rückgängig machen.`,
    ],
    unexpected: "Schreiben Sie dem Betreiber des Dienstes: Jemand konnte sich als Sie anmelden.",
  }),
};
