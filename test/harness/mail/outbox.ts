// The messages in the outbox of a server without SMTP, unparsed.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { noteMail } from "../logs/canaries.ts";

export const readMessages = async (dataDir: string): Promise<readonly string[]> => {
  const directory = join(dataDir, "outbox");
  const names = await readdir(directory).catch(() => []);
  const messages = names.filter((name) => name.endsWith(".eml")).sort();
  const texts = await Promise.all(messages.map((name) => readFile(join(directory, name), "utf8")));
  for (const text of texts) noteMail(text);
  return texts;
};
