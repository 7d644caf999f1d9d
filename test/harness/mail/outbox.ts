// The messages in the outbox of a server without SMTP, unparsed.
import { readOutbox } from "../../../src/testing/outbox.ts";
import { noteMail } from "../logs/canaries.ts";

export const readMessages = async (dataDir: string): Promise<readonly string[]> => {
  const texts = await readOutbox(dataDir);
  for (const text of texts) noteMail(text);
  return texts;
};
