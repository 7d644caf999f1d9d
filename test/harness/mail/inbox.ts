// Received mail, by recipient.
import type { ParsedMail } from "mailparser";

const isTo = ({ to }: ParsedMail, email: string): boolean =>
  [to].flat().some((addresses) => addresses?.text === email);

/** In the order of the list. */
export const messagesTo = (
  messages: readonly ParsedMail[],
  email: string,
  subject: RegExp = /(?:)/,
): readonly ParsedMail[] =>
  messages.filter((message) => isTo(message, email) && subject.test(message.subject ?? ""));

/** The secret in the message's link. */
export const secretIn = ({ subject, text = "" }: ParsedMail): string => {
  const secret = /#token=([0-9A-Za-z]+)/.exec(text)?.[1];
  if (secret === undefined) throw new Error(`There is no link in the message ${JSON.stringify(subject)}.`);
  return secret;
};
