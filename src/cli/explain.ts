// `graphward explain` says why one request was refused, from the log and the audit trail.
import { Command } from "commander";
import { print, printJson } from "./command/terminal.ts";

interface Options {
  readonly log?: string;
  readonly fingerprint?: string;
  readonly json?: true;
}

export const explainCommand = new Command("explain")
  .description(
    "say why a request was refused, by the X-Request-Id of its response; exit status 1 if nothing is known of it",
  )
  .argument("[request-id]", "as the response and the log have it")
  .option(
    "--log <file>",
    "the log of the server in JSON lines, or - for standard input; without it, only its security events",
  )
  .option(
    "--fingerprint <digits>",
    "instead: print the statements from standard input, each behind a NUL, that have this fingerprint",
  )
  .option("--json", "print JSON")
  .action(async (requestId: string | undefined, { log, fingerprint, json }: Options) => {
    if (fingerprint !== undefined) return printStatements(fingerprint);
    if (requestId === undefined)
      throw new Error("Give the id of a request, as its response has it in X-Request-Id.");
    const { findLines } = await import("./explain/log-lines.ts");
    const { findEventsOf } = await import("./explain/events.ts");
    const { explain } = await import("./explain/explanation.ts");
    const { describeCredential } = await import("./explain/credential.ts");
    const { describeExplanation } = await import("./explain/text.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    const lines = log === undefined ? [] : await findLines(log, requestId);
    await withDatabase(async ({ database }) => {
      const events = await findEventsOf(database, requestId);
      if (lines.length === 0 && events.length === 0) throw new Error(unknown(log));
      const explanation = await explain(lines, events, (name) => describeCredential(database, name));
      if (json) printJson(explanation);
      else print(describeExplanation(requestId, explanation));
    });
  });

const unknown = (log: string | undefined): string =>
  log === undefined
    ? "No security event has this request id. Give the log of the server too: --log <file>, or --log - for standard input."
    : "Neither the log nor a security event has this request id. Is it the log of that day and of every server, with LOG_LEVEL info?";

const printStatements = async (fingerprint: string): Promise<void> => {
  const { text } = await import("node:stream/consumers");
  const { fingerprintOf } = await import("../tracing/fingerprint.ts");
  const statements = (await text(process.stdin)).split("\0").filter((it) => it.trim() !== "");
  const found = statements.filter((it) => fingerprintOf(it.trim()).digest === fingerprint);
  if (found.length === 0)
    throw new Error(`None of these ${statements.length} statements has this fingerprint.`);
  for (const statement of found) print(statement.trim());
};
