// `graphward mail` lists mail that is waiting or has failed, retries it, and sends a test message.
import { Command } from "commander";
import type { QueuedMail } from "../mail/queue.ts";
import { print, printJson } from "./command/terminal.ts";

interface Output {
  readonly json?: true;
}

export const mailCommand = new Command("mail").description(
  "list and retry mail that is waiting or has failed, and send a test message",
);

mailCommand
  .command("list")
  .description("list waiting and failed mail, oldest first")
  .option("--json", "print JSON")
  .action(async ({ json }: Output) => {
    const { listQueuedMail } = await import("../mail/queue.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const queued = await listQueuedMail(database);
      if (json) return printJson(queued);
      if (queued.length === 0) return print("No mail is waiting, and none has failed.");
      for (const mail of queued) print(describe(mail));
    });
  });

mailCommand
  .command("retry")
  .description("retry mail now: the given ids, or all mail with a failed attempt")
  .argument("[id...]", "ids from `mail list`")
  .option("--json", "print JSON")
  .action(async (ids: string[], { json }: Output) => {
    const { retryMail } = await import("../mail/queue.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const retried = await retryMail(database, ids.length === 0 ? null : ids);
      if (json) printJson(retried);
      else print(`Retried: ${retried.length}.`);
      const missing = ids.filter((id) => !retried.includes(id));
      if (missing.length > 0) throw new Error(`Not found, or being sent now: ${missing.join(", ")}`);
    });
  });

mailCommand
  .command("test")
  .description("send a test message at once, and show what the mail server answered")
  .requiredOption("--to <email>", "the recipient")
  .option("--json", "print JSON")
  .action(async ({ to: typed, json }: Output & { readonly to: string }) => {
    const { withoutEdges } = await import("../auth/text/edges.ts");
    const { findEmailProblem } = await import("../auth/text/emails.ts");
    const { readConfig } = await import("../config/config.ts");
    const { sendTestMessage } = await import("../mail/test-message.ts");
    const to = withoutEdges(typed);
    const problem = findEmailProblem(to);
    if (problem) throw new Error(problem.message);
    const config = readConfig();
    const result = await sendTestMessage(config, to);
    if (json) return printJson(result);
    const { from, server, greeting, response } = result;
    if (server === null)
      return print(`SMTP_URL is not set: the message is a file in ${config.dataDir}/outbox.`);
    print(`Sent from ${from} to ${to} by ${server}, greeted as ${greeting}.\nIt answered: ${response}`);
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
