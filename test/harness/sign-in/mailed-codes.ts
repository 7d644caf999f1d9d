// Login codes, as a user reads them in a mail.
import { RequestLoginCodeDocument } from "../../operations/generated/graphql.ts";
import { Client } from "../client.ts";
import { note } from "../logs/canaries.ts";
import { messagesTo } from "../mail/inbox.ts";
import { readOutbox, until } from "../mail/mail.ts";
import type { App } from "../server.ts";

export const codeIn = (text: string): string | undefined =>
  /^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/m.exec(text)?.[0];

/** The codes of mails to the email, oldest first. */
export const mailedCodes = async (app: App, email: string): Promise<readonly string[]> => {
  const texts = messagesTo(await readOutbox(app.config.dataDir), email, /Your code/).map(
    ({ text = "" }) => text,
  );
  const codes = texts.flatMap((text) => codeIn(text) ?? []);
  for (const code of codes) note("second factor", code);
  return codes;
};

/** Waits until there are `count` codes, and returns the last of them. */
export const nextCode = (app: App, email: string, { count = 1 } = {}): Promise<string> =>
  until(async () => (await mailedCodes(app, email))[count - 1]);

export const requestCode = async (app: App, email: string, client: Client = new Client(app)) => {
  const answer = await client.run(RequestLoginCodeDocument, { email });
  const pendingToken = answer.data?.requestLoginCode?.pendingToken;
  if (pendingToken === undefined) throw new Error(`requestLoginCode failed: ${answer.text}`);
  note("token", pendingToken);
  return { client, pendingToken, answer };
};
