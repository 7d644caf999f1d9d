// `graphward mail` shows the mail that waits or has failed, and tries it again.
import { Command } from "commander";
import type { QueuedMail } from "../mail/queue.ts";
import { print, printJson } from "./terminal.ts";

interface Output {
  readonly json?: true;
}

export const mailCommand = new Command("mail").description("mail that waits or could not be sent");

mailCommand
  .command("list")
  .description("what waits and what has failed, oldest first")
  .option("--json", "as JSON")
  .action(async ({ json }: Output) => {
    const { listQueuedMail } = await import("../mail/queue.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const queued = await listQueuedMail(database);
      if (json) return printJson(queued);
      if (queued.length === 0) return print("No mail is waiting, and none has failed.");
      for (const mail of queued) print(describe(mail));
    });
  });

mailCommand
  .command("retry")
  .description("try mail again now: that of these ids, or all that has failed before")
  .argument("[id...]", "ids that `mail list` shows")
  .option("--json", "as JSON")
  .action(async (ids: string[], { json }: Output) => {
    const { retryMail } = await import("../mail/queue.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const retried = await retryMail(database, ids.length === 0 ? null : ids);
      if (json) printJson(retried);
      else print(`Tried again: ${retried.length}.`);
      const missing = ids.filter((id) => !retried.includes(id));
      if (missing.length > 0)
        throw new Error(`There is no such mail, or it is being sent: ${missing.join(", ")}`);
    });
  });

const describe = ({ id, template, state, attempts, maxAttempts, lastError, nextTry }: QueuedMail): string =>
  [
    id.padStart(6),
    template.padEnd(22),
    state.padEnd(8),
    `${attempts} of ${maxAttempts} attempts`.padEnd(18),
    nextTry === null ? "" : `next ${nextTry.toISOString()}`,
    lastError ?? "",
  ]
    .join("  ")
    .trimEnd();
