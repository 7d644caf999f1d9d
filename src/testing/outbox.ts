// The messages in the outbox of a server without SMTP, unparsed.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** In the order in which they were sent. */
export async function readOutbox(dataDir: string): Promise<readonly string[]> {
  const directory = join(dataDir, "outbox");
  const names = await readdir(directory).catch(() => []);
  const messages = names.filter((name) => name.endsWith(".eml")).sort();
  return Promise.all(messages.map((name) => readFile(join(directory, name), "utf8")));
}
