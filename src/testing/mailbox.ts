// What the server under test sent to an email.
import PostalMime from "postal-mime";
import { findCanonicalEmail } from "../auth/text/emails.ts";
import { readOutbox } from "./outbox.ts";
import { until } from "./until.ts";

export interface Message {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** In the text, in order. */
  readonly links: readonly string[];
  /** The secret in its link, for `verifyEmail`, `resetPassword` and such. Null: it has none. */
  readonly token: string | null;
  /** For `loginWithCode`, or `reauthenticate`. Null: it has none. */
  readonly code: string | null;
}

export interface Mailbox {
  /** Those that were sent so far, oldest first. */
  messages(): Promise<readonly Message[]>;
  /** Waits for a message that nobody took yet, and takes it. With `subject`: one whose subject has this text. */
  next(subject?: string): Promise<Message>;
}

export function openMailbox(dataDir: string, email: string): Mailbox {
  const taken = new Set<string>();
  const read = async () => {
    const all = await Promise.all(
      (await readOutbox(dataDir)).map(async (raw) => ({ raw, message: await parse(raw) })),
    );
    return all.filter(({ message }) => findCanonicalEmail(message.to) === findCanonicalEmail(email));
  };
  return {
    messages: async () => (await read()).map(({ message }) => message),
    next: (subject = "") =>
      until(
        async () => {
          const waiting = (await read()).find(
            ({ raw, message }) => !taken.has(raw) && message.subject.includes(subject),
          );
          if (waiting) taken.add(waiting.raw);
          return waiting?.message;
        },
        `A message to ${email}${subject && ` about ${JSON.stringify(subject)}`}`,
      ),
  };
}

const parse = async (raw: string): Promise<Message> => {
  const { to, subject = "", text = "", html = "" } = await PostalMime.parse(raw);
  const links = [...text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([link]) => link);
  const token = links.map((link) => /#token=(\w+)/.exec(link)?.[1]).find((it) => it !== undefined) ?? null;
  const code = /^[A-Z2-9]{4}-[A-Z2-9]{4}$/m.exec(text)?.[0] ?? null;
  return { to: to?.[0]?.address ?? "", subject, text, html, links, token, code };
};
