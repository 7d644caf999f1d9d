import type { ParsedMail } from "mailparser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OutgoingMail } from "../../src/auth/outgoing-mail.ts";
import { ourMailTexts } from "../../src/mail/texts/languages.ts";
import type { MailTexts } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import { logInAs } from "../harness/client.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import {
  bringForward,
  jobsOf,
  type LinkTemplate,
  readOutbox,
  send,
  sendLink,
  until,
} from "../harness/mail/mail.ts";
import type { App, User } from "../harness/server.ts";
import { DeleteAccountDocument } from "../operations/generated/graphql.ts";

const french: Partial<MailTexts> = {
  greeting: ({ name }) => `Bonjour${name === null ? "" : ` ${name}`},`,
  validity: ({ until }) => `Le lien est valable une fois, jusqu'au ${until}.`,
  unexpected: ({ text }) => `Si ce n'était pas vous : ${text}`,
  support: ({ supportAddress }) => `Besoin d'aide ? ${supportAddress}`,
  "password-changed": ({ service, when }) => ({
    subject: "Votre mot de passe a été changé",
    paragraphs: [`Sur ${service}, le ${when}.\r\n<b>Attention</b>`, "x".repeat(2000)],
    unexpected: "Écrivez-nous.",
  }),
};

let app: App;
beforeAll(async () => {
  app = await startApplication(
    {
      brand: { name: "Tom & Jerry's", color: "#fd0", supportAddress: "help@example.com" },
      mail: {
        texts: {
          fr: french,
          ar: { ...french, greeting: () => "\u0645\u0631\u062d\u0628\u0627" },
          "pt-br": { ...french, greeting: () => "Oi," },
        },
      },
    },
    { PUBLIC_URL: "https://api.example.com" },
  );
});
afterAll(() => app.close());

const createUser = async (profile: { displayName?: string; locale?: string } = {}): Promise<User> => {
  const user = await app.createUser({ email: `${Math.random().toString(36).slice(2)}@example.org` });
  await app.database
    .updateTable("users")
    .set({ display_name: profile.displayName ?? null, locale: profile.locale ?? null })
    .where("id", "=", user.id)
    .execute();
  return user;
};
const settled = () => until(async () => (await jobsOf(app.database)).length === 0);
const mailTo = async (email: string | null): Promise<ParsedMail> => {
  await settled();
  const mails = messagesTo(await readOutbox(app.config.dataDir), email ?? "");
  expect(mails).toHaveLength(1);
  return mails[0] as ParsedMail;
};
const htmlOf = (mail: ParsedMail) => String(mail.html);

const notices: Readonly<Record<string, (userId: string) => OutgoingMail>> = {
  "address-taken": (userId) => ({ template: "address-taken", userId }),
  "password-changed": (userId) => ({ template: "password-changed", userId }),
  "password-changed, tokens stay": (userId) => ({
    template: "password-changed",
    userId,
    accessTokens: ["backup"],
    by: "operator",
  }),
  "username-changed": (userId) => ({ template: "username-changed", userId, previousUsername: "grace" }),
  "access-token-created": (userId) => ({ template: "access-token-created", userId, name: "backup" }),
  "token-leaked": (userId) => ({ template: "token-leaked", userId }),
  "roles-changed": (userId) => ({ template: "roles-changed", userId, roles: ["AUDITOR"] }),
  "roles-changed, none": (userId) => ({ template: "roles-changed", userId, roles: [] }),
  impersonated: (userId) => ({ template: "impersonated", userId, by: "root" }),
  "new-device": (userId) => ({ template: "new-device", userId, device: null, ipAddress: "192.0.2.1" }),
};
const links: Readonly<Record<LinkTemplate, Parameters<typeof sendLink>[1]["purpose"]>> = {
  "verify-address": "verify-address",
  "reset-password": "reset-password",
  "address-change-confirm": "change-address",
  "address-changed": "undo-address-change",
  invitation: "invitation",
};

/** Words of one language that the other does not have. */
const english = /\b(?:the|your|this|with|from|you|if|until|unknown|somebody|nothing)\b/i;
const german = /\b(?:der|die|das|wurde|nicht|Ihr|Ihre|Sie|und|bis|unbekannt|jemand)\b/i;
const wordsOf = (mail: ParsedMail) => `${mail.subject}\n${mail.text?.replaceAll(/https:\S+/g, "")}`;

describe.each([
  ["en", "en-US", english, german, / UTC/],
  ["de", "de-AT", german, english, /\d\. \p{L}+ \d{4} um \d\d:\d\d UTC/u],
] as const)("every mail in %s", (language, locale, own, other, time) => {
  test.each(Object.keys(notices))("%s", async (name) => {
    const user = await createUser({ locale });
    await send(app, notices[name]?.(user.id) as OutgoingMail);
    const mail = await mailTo(user.email);
    expect(htmlOf(mail)).toContain(`<html lang="${language}" dir="ltr">`);
    expect(wordsOf(mail)).toMatch(own);
    expect(wordsOf(mail)).not.toMatch(other);
    expect(mail.text).toMatch(time);
    expect(mail.text).toContain("Tom & Jerry's");
    expect(mail.text).toContain("help@example.com");
  });

  test.each(Object.keys(links) as LinkTemplate[])("%s", async (template) => {
    const user = await createUser({ locale });
    await sendLink(app, { template, purpose: links[template], userId: user.id, sentTo: user.email ?? "" });
    const mail = await mailTo(user.email);
    expect(htmlOf(mail)).toContain(`<html lang="${language}" dir="ltr">`);
    expect(wordsOf(mail)).toMatch(own);
    expect(wordsOf(mail)).not.toMatch(other);
    expect(mail.text).toMatch(time);
    expect(mail.text).toContain("Tom & Jerry's");
  });
});

test("the last mail of a deleted user is in the user's language, and without it, as from an older version, in the default", async () => {
  for (const [locale, subject] of [
    ["de", "Ihr Konto wurde gelöscht"],
    [undefined, "Your account was deleted"],
  ] as const) {
    const user = await createUser({ locale: "de" });
    if (locale !== undefined) {
      const client = await logInAs(app, user);
      expect((await client.run(DeleteAccountDocument)).codes).toEqual([]);
    } else {
      const address = user.email ?? "";
      await send(app, { template: "account-deleted", username: user.username, address });
    }
    expect((await mailTo(user.email)).subject).toBe(subject);
  }
});

test("our languages have the same texts, each of which uses all of its facts", () => {
  const [first, ...others] = Object.values(ourMailTexts);
  for (const texts of others) {
    expect(Object.keys(texts)).toEqual(Object.keys(first ?? {}));
    for (const [key, text] of Object.entries(texts)) {
      const factsIn = (it: unknown) =>
        [...(/^\((?:\{([^}]*)\})?/.exec(String(it))?.[1] ?? "").matchAll(/\w+/g)]
          .map(([name]) => name)
          .sort();
      expect([key, factsIn(text)]).toEqual([key, factsIn(first?.[key as keyof MailTexts])]);
    }
  }
});

describe("an application's texts", () => {
  test("are sent to readers of that language, on one line each, cut, and as text", async () => {
    const user = await createUser({ locale: "fr-CA" });
    await send(app, { template: "password-changed", userId: user.id });
    const mail = await mailTo(user.email);
    expect(mail.subject).toBe("Votre mot de passe a été changé");
    expect(mail.text).toMatch(/Sur Tom & Jerry's, le \d+ \S+ \d{4} à \d\d:\d\d UTC\. <b>Attention<\/b>\n/);
    expect(mail.text).toContain(`\n${"x".repeat(1000)}\n`);
    expect(htmlOf(mail)).toContain("&lt;b&gt;Attention&lt;/b&gt;");
    expect(htmlOf(mail)).toContain("<strong>Tom &amp; Jerry&#39;s</strong>");
    expect(htmlOf(mail)).toContain('<html lang="fr" dir="ltr">');
    expect(mail.from?.text).toBe(`"Tom & Jerry's" <no-reply@api.example.com>`);
  });

  test("that a language does not have are English, as a whole", async () => {
    const user = await createUser({ locale: "fr" });
    await send(app, { template: "username-changed", userId: user.id, previousUsername: "grace" });
    const mail = await mailTo(user.email);
    expect(mail.subject).toBe("Your username was changed");
    expect(mail.text).toContain("If this was not you: ");
    expect(mail.text).not.toContain("Bonjour");
    expect(htmlOf(mail)).toContain('<html lang="en" dir="ltr">');
  });

  test.each([
    ["pt", "Oi,", "pt-BR"],
    ["pt-BR", "Oi,", "pt-BR"],
    ["fi", "Hello", "en"],
  ])("are found for %s", async (locale, greeting, language) => {
    const user = await createUser({ locale });
    await send(app, { template: "password-changed", userId: user.id });
    const mail = await mailTo(user.email);
    expect(mail.text).toMatch(new RegExp(`^${greeting}`));
    expect(htmlOf(mail)).toContain(`lang="${language}"`);
  });

  test("from right to left say so, and their link does not", async () => {
    const user = await createUser({ locale: "ar-EG" });
    await send(app, { template: "password-changed", userId: user.id });
    expect(htmlOf(await mailTo(user.email))).toContain('<html lang="ar" dir="rtl">');
  });
});

describe("a mail greets", () => {
  describe("a user by a display name that is no link", () => {
    test.each([
      ["Ada Lovelace", "Ada Lovelace"],
      ["J.R.R. Tolkien", "J.R.R. Tolkien"],
      ["<b>Ada</b>", null],
      ["prizes.example", null],
      ["win at https://evil.example", null],
      ["mail me@evil.example", null],
      ["evil。example", null],
      ["Dr. O'Neill <ada>", "Dr. O'Neill <ada>"],
    ])("%s", async (displayName, greeted) => {
      const user = await createUser({ displayName });
      await send(app, { template: "password-changed", userId: user.id });
      const mail = await mailTo(user.email);
      expect(mail.text).toMatch(/^Hello .*\n/);
      expect(mail.text?.split("\n")[0]).toBe(`Hello ${greeted ?? user.username},`);
      expect(htmlOf(mail)).not.toContain("<ada>");
    });
  });

  test("a stranger without a name", async () => {
    const user = await createUser({ displayName: "Ada", locale: "de" });
    const sentTo = `other-${user.email}`;
    await sendLink(app, { template: "verify-address", purpose: "verify-address", userId: user.id, sentTo });
    const mail = await mailTo(sentTo);
    expect(mail.text).toMatch(/^Hello,\n/);
    expect(mail.text).not.toContain("Ada");
  });

  test("the old email of a user by the username: a thief may have chosen the display name", async () => {
    const user = await createUser({ displayName: "All is well", locale: "de" });
    const sentTo = `old-${user.email}`;
    await sendLink(app, {
      template: "address-changed",
      purpose: "undo-address-change",
      userId: user.id,
      sentTo,
    });
    expect((await mailTo(sentTo)).text).toMatch(new RegExp(`^Guten Tag ${user.username},\n`));
  });
});

test("a button has the brand's color, and text that is readable on it", async () => {
  const user = await createUser();
  await sendLink(app, {
    template: "reset-password",
    purpose: "reset-password",
    userId: user.id,
    sentTo: user.email ?? "",
  });
  const html = htmlOf(await mailTo(user.email));
  expect(html).toMatch(
    /<a href="https:\/\/api\.example\.com\/account\/reset#token=\w+" style="[^"]*background: #ffdd00; color: #000000; border: 1px solid #[0-9a-f]{6}">/,
  );
  // Nothing is loaded, so that opening the mail is not tracked.
  expect(html).not.toMatch(/<img|<link|\burl\(|@import/);
});

describe("the start refuses", () => {
  const refusal = (definition: Parameters<typeof startApplication>[0]) =>
    startApplication(definition).then(
      async (started) => {
        await started.close();
        return "it started";
      },
      (error: Error) => error.message,
    );
  const complete = french as MailTexts;

  test.each<[string, Parameters<typeof startApplication>[0], string]>([
    [
      "a default language without texts",
      { defaultLanguage: "fr" },
      'defaultLanguage is "fr", in which mail.texts has nothing. There is: en, de.',
    ],
    ["a default language that is none", { defaultLanguage: "de_DE" }, 'defaultLanguage is "de_DE"'],
    [
      "the name of a language that is none",
      { mail: { texts: { fr_FR: french } } },
      "mail.texts.fr_FR: the name of a language is a BCP 47 tag",
    ],
    [
      "a language without its greeting",
      { mail: { texts: { it: { "token-leaked": complete["token-leaked"] } } } },
      "mail.texts.it needs greeting, validity, unexpected, support too: otherwise half of a mail would be English.",
    ],
    [
      "a text that does not exist",
      { mail: { texts: { fr: { ...french, "pasword-changed": () => "" } as never } } },
      "mail.texts.fr has a text pasword-changed.",
    ],
    [
      "a text that fails",
      {
        mail: {
          texts: {
            en: {
              invitation: () => {
                throw new RangeError("x");
              },
            },
          },
        },
      },
      'mail.texts.en["invitation"] failed: RangeError',
    ],
    [
      "a text that lacks a part",
      {
        mail: {
          texts: { en: { invitation: () => ({ subject: "x", paragraphs: [], unexpected: "" }) as never } },
        },
      },
      'mail.texts.en["invitation"] must return a subject, paragraphs, unexpected and label.',
    ],
  ])("%s", async (_what, definition, line) => {
    expect(await refusal(definition)).toContain(line);
  });
});

describe("where German is the default language", () => {
  let other: App;
  let failing = false;
  beforeAll(async () => {
    other = await startApplication({
      defaultLanguage: "de-CH",
      mail: {
        texts: {
          de: {
            "new-device": () => ({ subject: "Neues Gerät!", paragraphs: [], unexpected: "Melden." }),
            "token-leaked": () => {
              if (failing) throw new TypeError("canary of the facts");
              return { subject: "Token", paragraphs: [], unexpected: "Nichts." };
            },
          },
        },
      },
    });
  });
  afterAll(() => other.close());

  const mailOf = async (make: (userId: string) => OutgoingMail) => {
    const user = await other.createUser({ email: `${Math.random().toString(36).slice(2)}@example.org` });
    await send(other, make(user.id));
    await until(async () => (await jobsOf(other.database)).length === 0);
    return messagesTo(await readOutbox(other.config.dataDir), user.email)[0];
  };

  test("readers of no known language get it", async () => {
    const mail = await mailOf((userId) => ({ template: "password-changed", userId }));
    expect(mail?.subject).toBe("Ihr Passwort wurde geändert");
    expect(mail?.text).toContain("Ihres Kontos bei localhost");
  });

  test("an application's text replaces one of ours", async () => {
    const mail = await mailOf((userId) => ({
      template: "new-device",
      userId,
      device: null,
      ipAddress: null,
    }));
    expect(mail?.subject).toBe("Neues Gerät!");
    expect(mail?.text).toMatch(/^Guten Tag/);
  });

  test("a text that throws is tried again, and the error's text is neither stored nor logged", async () => {
    failing = true;
    const sent = mailOf((userId) => ({ template: "token-leaked", userId }));
    const job = await until(async () =>
      (await jobsOf(other.database)).find(
        ({ last_error, locked_by }) => last_error !== null && locked_by === null,
      ),
    );
    expect(job.last_error).toBe('mail.texts.de["token-leaked"] failed: TypeError');
    await until(() => other.log.some((line) => line.includes("mail not sent")));
    expect(other.log.join("")).not.toContain("canary of the facts");
    failing = false;
    await bringForward(other.database);
    expect((await sent)?.subject).toBe("Token");
  });
});
