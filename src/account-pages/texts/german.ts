// German, complete.
import type { PageTexts, ProveText, SecondStepText } from "./catalogue.ts";

const secondStep: SecondStepText = {
  title: "Bestätigen Sie, dass Sie es sind",
  paragraphs: ["Ihr Konto hat einen zweiten Faktor."],
  code: { label: "Code aus Ihrer Authentifizierungs-App", hint: "Sechs Ziffern." },
  recoveryCode: {
    label: "Wiederherstellungscode",
    hint: "Einer der zehn, die Sie aufbewahrt haben. Jeder gilt ein einziges Mal.",
  },
  useRecoveryCode: "Stattdessen einen Wiederherstellungscode verwenden",
  useCode: "Stattdessen einen Code aus der App verwenden",
  usePasskey: "Einen Passkey verwenden",
  trust: "Diesem Browser 30 Tage lang vertrauen",
  button: "Anmelden",
};

const prove: ProveText = {
  title: "Bestätigen Sie, dass Sie es sind",
  paragraphs: ["Ihre letzte Anmeldung ist eine Weile her."],
  password: { label: "Passwort", hint: "Das Passwort Ihres Kontos." },
  code: {
    label: "Code",
    hint: "Aus Ihrer Authentifizierungs-App, oder ein Wiederherstellungscode, oder der Code aus einer E-Mail an Sie.",
  },
  usePasskey: "Einen Passkey verwenden",
  button: "Weiter",
};

const forSessions = (service: string) => ({
  prove,
  again: {
    title: "Bitte melden Sie sich noch einmal an",
    paragraphs: [
      "Ihre letzte Anmeldung ist eine Weile her. Melden Sie sich noch einmal an, dann kommen Sie hierher zurück.",
    ],
  },
  anonymous: {
    title: "Sie sind nicht angemeldet.",
    paragraphs: [`Melden Sie sich in diesem Browser bei ${service} an, dann kommen Sie hierher zurück.`],
  },
});

const loggedIn = (service: string) => ({
  secondStep,
  done: { title: "Sie sind angemeldet.", paragraphs: [], site: `Weiter zu ${service}` },
  enrol: {
    title: "Fügen Sie einen zweiten Faktor hinzu",
    paragraphs: [
      "Sie sind angemeldet. Ihr Konto braucht einen zweiten Faktor, bevor Sie es benutzen können.",
    ],
    go: "Eine Authentifizierungs-App hinzufügen",
  },
  missing: {
    title: "Diese Anmeldung ist nicht mehr gültig.",
    paragraphs: [
      "Sie muss innerhalb von zehn Minuten abgeschlossen werden, in dem Browser, in dem sie begonnen hat. Bitte melden Sie sich noch einmal an.",
    ],
  },
});

export const germanPages: PageTexts = {
  common: ({ minPasswordLength }) => ({
    needsJavaScript:
      "Diese Seite braucht JavaScript. Schalten Sie es ein, und öffnen Sie den Link aus Ihrer E-Mail noch einmal.",
    deadTitle: "Dieser Link ist nicht mehr gültig.",
    missingTitle: "Diese Seite braucht den Link aus Ihrer E-Mail.",
    missing: [
      "Öffnen Sie den Link in der E-Mail, oder kopieren Sie den ganzen Link in die Adresszeile. Wenn Sie die Seite neu laden, öffnen Sie den Link noch einmal.",
    ],
    support: "Brauchen Sie Hilfe? Schreiben Sie an",
    show: "Anzeigen",
    showPassword: "Passwort anzeigen",
    hide: "Verbergen",
    hidePassword: "Passwort verbergen",
    sending: "Einen Moment …",
    soon: "gleich",
    enterPassword: "Geben Sie ein Passwort ein.",
    incompleteLink: "Dieser Link ist unvollständig.",
    notLoggedIn: "Sie sind bei diesem Konto nicht angemeldet. Geben Sie sein Passwort ein.",
    wrongPassword: "Das ist nicht das Passwort des Kontos.",
    enterCode: "Geben Sie einen Code ein.",
    wrongCode: "Dieser Code stimmt nicht. Vielleicht wurde er schon verwendet.",
    codeMailed: "Ein Code ist per E-Mail zu Ihnen unterwegs.",
    passkeyFailed:
      "Der Passkey wurde nicht verwendet. Versuchen Sie es noch einmal, oder nehmen Sie einen Code.",
    copied: "Die Codes sind kopiert.",
    notCopied: "Der Browser erlaubt das Kopieren nicht. Markieren Sie die Codes, und kopieren Sie sie.",
    email_unverified: "Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse. Der Link ist in einer E-Mail an Sie.",
    mailAgain: "Den Link noch einmal senden",
    mailedAgain: "Die E-Mail ist noch einmal unterwegs.",
    logIn: "Anmelden",
    wrongLogin: "Der Benutzername oder das Passwort ist falsch.",
    enterUsername: "Geben Sie einen Benutzernamen oder eine E-Mail-Adresse ein.",
    enterEmail: "Geben Sie eine E-Mail-Adresse ein.",
    last_way_in:
      "Diese Anmeldung ist der einzige Weg in Ihr Konto. Fügen Sie zuerst eine andere, einen Passkey oder ein Passwort hinzu.",
    max: "Ein Konto kann nicht mehr Anmeldungen haben. Entfernen Sie zuerst eine.",
    tooManyAttempts: "Zu viele Versuche. Bitte versuchen Sie es {wait} noch einmal.",
    unavailable: "Der Dienst ist nicht verfügbar. Bitte versuchen Sie es {wait} noch einmal.",
    unreachable:
      "Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.",
    failed: "Etwas ist schiefgegangen. Bitte versuchen Sie es später noch einmal.",
    reference: "Kennung: {reference}",
    min_length: `Ein Passwort muss mindestens ${minPasswordLength} Zeichen haben.`,
    max_length: "Ein Passwort darf höchstens 128 Zeichen haben.",
    well_formed: "Das Passwort enthält Zeichen, die sich nicht speichern lassen.",
    personal:
      "Das Passwort ist dem Benutzernamen, dem Anzeigenamen, der E-Mail-Adresse oder dem Namen des Dienstes zu ähnlich.",
    common: "Dieses Passwort ist zu verbreitet. Angreifer probieren es früh aus.",
    breached:
      "Dieses Passwort wurde schon einmal bei einem Datenleck veröffentlicht. Angreifer probieren solche Passwörter aus.",
  }),
  verify: ({ service }) => ({
    title: "Bestätigen Sie Ihre E-Mail-Adresse",
    paragraphs: [
      `Diese E-Mail-Adresse wurde für ein Konto bei ${service} angegeben. Bestätigen Sie sie nur, wenn das Konto Ihnen gehört.`,
    ],
    label: "Passwort des Kontos",
    hint: "Sie können es weglassen, wenn Sie in diesem Browser angemeldet sind.",
    button: "Diese Adresse bestätigen",
    done: { title: "Ihre E-Mail-Adresse ist bestätigt.", paragraphs: ["Sie können diese Seite schließen."] },
    dead: [
      "Er gilt ein einziges Mal, einen Tag lang, und nur für die aktuelle E-Mail-Adresse des Kontos. Wenn Sie die Adresse schon bestätigt haben, sind Sie fertig.",
      "Andernfalls melden Sie sich an, und fordern Sie eine neue E-Mail an.",
    ],
  }),
  reset: ({ service, minPasswordLength }) => ({
    title: "Wählen Sie ein neues Passwort",
    paragraphs: [`Damit setzen Sie das Passwort Ihres Kontos bei ${service}. Alle Geräte werden abgemeldet.`],
    label: "Neues Passwort",
    hint: `Mindestens ${minPasswordLength} Zeichen. Gut sind einige zufällige Wörter.`,
    button: "Dieses Passwort setzen",
    done: {
      title: "Ihr Passwort ist gesetzt.",
      paragraphs: [
        "Alle Sitzungen Ihres Kontos sind beendet. Melden Sie sich mit dem neuen Passwort wieder an.",
      ],
    },
    dead: [
      "Er gilt ein einziges Mal, für kurze Zeit. Wenn Sie gerade ein Passwort gewählt haben, versuchen Sie, sich damit anzumelden.",
      "Andernfalls fordern Sie eine neue E-Mail an. Öffnen Sie die neueste E-Mail: Sie macht ältere Links ungültig.",
    ],
  }),
  "confirm-address": ({ service }) => ({
    title: "Diese E-Mail-Adresse verwenden",
    paragraphs: [
      `Wenn Sie den Knopf drücken, gehört zu Ihrem Konto bei ${service} die E-Mail-Adresse, an die dieser Link ging.`,
      "Wenn das Konto nicht Ihnen gehört oder Sie nicht darum gebeten haben, schließen Sie diese Seite. Dann ändert sich nichts.",
    ],
    button: "Diese Adresse verwenden",
    done: {
      title: "Ihre E-Mail-Adresse ist geändert.",
      paragraphs: [
        "Ab jetzt gehen E-Mails zu Ihrem Konto an die neue Adresse. Die alte Adresse wurde benachrichtigt.",
      ],
    },
    dead: [
      "Er gilt ein einziges Mal, einen Tag lang. Wenn Sie den Knopf schon gedrückt haben, ist Ihre Adresse bereits geändert.",
      "Andernfalls melden Sie sich an, und ändern Sie die Adresse noch einmal.",
    ],
  }),
  "undo-address": ({ service }) => ({
    title: "Die Änderung Ihrer E-Mail-Adresse rückgängig machen",
    paragraphs: [
      `Die E-Mail-Adresse Ihres Kontos bei ${service} wurde geändert. Wenn Sie das nicht waren, hat jemand anderes Zugang zu Ihrem Konto.`,
      "Der Knopf stellt die alte Adresse wieder her, an die dieser Link ging. Dorthin senden wir dann einen Link, mit dem Sie ein neues Passwort wählen.",
      "Wenn Sie die Adresse selbst geändert haben, schließen Sie diese Seite. Dann ändert sich nichts.",
    ],
    button: "Die Änderung rückgängig machen",
    done: {
      title: "Ihre alte E-Mail-Adresse ist wiederhergestellt.",
      paragraphs: [
        "Eine E-Mail ist dorthin unterwegs. Wählen Sie mit dem Link darin ein neues Passwort: Bis dahin kann sich niemand mit einem Passwort anmelden.",
      ],
    },
    dead: [
      "Er gilt ein einziges Mal, drei Tage lang. Wenn Sie den Knopf schon gedrückt haben, suchen Sie die E-Mail mit dem Link zu einem neuen Passwort.",
      "Andernfalls schreiben Sie dem Betreiber des Dienstes: Vielleicht hat jemand anderes Zugang zu Ihrem Konto.",
    ],
  }),
  login: ({ service }) => ({
    ...loggedIn(service),
    title: "Anmelden",
    paragraphs: [`Der Knopf meldet Sie in diesem Browser bei ${service} an.`],
    button: "Anmelden",
    elsewhere: {
      title: "Dieser Browser kann den Link nicht verwenden.",
      paragraphs: [
        "Er gilt ein einziges Mal, zehn Minuten lang, und nur in dem Browser, in dem Sie ihn angefordert haben.",
        "Haben Sie ihn in einem anderen Browser oder in einer App angefordert? Dann geben Sie dort diesen Code ein:",
      ],
    },
  }),
  complete: ({ service }) => loggedIn(service),
  "second-factor": ({ service }) => ({
    title: "Eine Authentifizierungs-App hinzufügen",
    paragraphs: [
      `Eine Anmeldung bei ${service} fragt dann auch nach einem Code aus der App. So reicht ein gestohlenes Passwort nicht mehr.`,
      "Eine App, die Sie schon verwenden, wird ersetzt, sobald die neue einen richtigen Code zeigt.",
    ],
    button: "Beginnen",
    ...forSessions(service),
    scan: {
      title: "Scannen Sie diesen Code mit der App",
      paragraphs: [
        "Öffnen Sie die App, fügen Sie ein Konto hinzu, und scannen Sie das Bild. Es gilt zehn Minuten lang.",
      ],
      image: "QR-Code für die Authentifizierungs-App. Derselbe Schlüssel steht darunter.",
      typeInstead: "Oder geben Sie diesen Schlüssel in die App ein:",
      openApp: "Oder öffnen Sie eine App auf diesem Gerät",
      code: { label: "Code aus der App", hint: "Sechs Ziffern." },
      button: "Die App hinzufügen",
    },
    codes: {
      title: "Bewahren Sie diese Wiederherstellungscodes auf",
      paragraphs: [
        "Die App ist hinzugefügt. Wenn Sie sie verlieren, ersetzt jeder dieser Codes sie ein einziges Mal. Sie werden nicht noch einmal gezeigt: Drucken Sie sie, oder legen Sie sie in einem Passwort-Manager ab.",
      ],
      copy: "Kopieren",
      print: "Drucken",
      site: `Fertig: weiter zu ${service}`,
    },
  }),
  identities: ({ service }) => ({
    title: "Anmeldungen mit anderen Diensten",
    paragraphs: [`Jede davon öffnet Ihr Konto bei ${service}.`],
    none: "Es gibt noch keine.",
    linkedOn: "Verbunden am {date}",
    lastUsedOn: "zuletzt verwendet am {date}",
    neverUsed: "noch nie verwendet",
    unlink: "{provider} {email} entfernen",
    more: "Eine weitere verbinden",
    link: "{provider} verbinden",
    removal: {
      title: "Diese Anmeldung entfernen?",
      paragraphs: ["Sie öffnet Ihr Konto dann nicht mehr:"],
      button: "Entfernen",
      back: "Behalten",
    },
    site: `Weiter zu ${service}`,
    ...forSessions(service),
  }),
  "sign-in": ({ service }) => {
    const { enrol, missing } = loggedIn(service);
    return {
      title: "Anmelden",
      paragraphs: [],
      withProvider: "Mit {provider} anmelden",
      withoutScript: "Diese Seite braucht JavaScript, außer für die Links zu anderen Diensten.",
      username: { label: "Benutzername oder E-Mail-Adresse", hint: `Von Ihrem Konto bei ${service}.` },
      password: { label: "Passwort", hint: "Das Passwort Ihres Kontos." },
      button: "Anmelden",
      usePasskey: "Mit einem Passkey anmelden",
      useMail: "Mit einem Code aus einer E-Mail anmelden",
      forgotten: "Passwort vergessen?",
      back: "Anders anmelden",
      mail: {
        title: "Mit einem Code aus einer E-Mail anmelden",
        paragraphs: [],
        email: { label: "E-Mail-Adresse", hint: "Die Ihres Kontos." },
        button: "Code anfordern",
      },
      code: {
        title: "Geben Sie den Code ein",
        paragraphs: ["Wenn es ein Konto mit dieser E-Mail-Adresse gibt, ist ein Code dorthin unterwegs."],
        code: {
          label: "Code aus der E-Mail",
          hint: "Acht Buchstaben und Ziffern, zehn Minuten lang gültig.",
        },
        button: "Anmelden",
      },
      reset: {
        title: "Ein neues Passwort setzen",
        paragraphs: [],
        email: { label: "E-Mail-Adresse", hint: "Die Ihres Kontos." },
        button: "Link anfordern",
      },
      resetSent: {
        title: "Sehen Sie in Ihr Postfach.",
        paragraphs: [
          "Wenn es ein Konto mit dieser E-Mail-Adresse gibt, ist ein Link für ein neues Passwort dorthin unterwegs. Melden Sie sich danach mit dem neuen Passwort an.",
        ],
      },
      secondStep,
      enrol,
      missing,
    };
  },
};
