// `graphward audit` verifies and exports the audit trail.
import { pipeline } from "node:stream/promises";
import { Command, InvalidArgumentError } from "commander";
import { findHeadIn, type Head, writeHead } from "../auth/audit/trail/chain.ts";
import type { Verification } from "../auth/audit/trail/verification.ts";
import { print, printJson, requireValue } from "./command/terminal.ts";

export const auditCommand = new Command("audit").description("verify and export the audit trail");

auditCommand
  .command("verify")
  .description("check whether events were changed, removed, inserted or cut off; exit status 1 if so")
  .option("--head <sequence:mac>", "also compare with a head from the log of the server", readHead)
  .option("--json", "print JSON")
  .action(async ({ head, json }: { head?: Head; json?: true }) => {
    const { verifyTrail } = await import("../auth/audit/trail/verification.ts");
    const { requireAuditKeys } = await import("../config/secrets/audit-key.ts");
    const { readConfig } = await import("../config/config.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    const keys = await requireAuditKeys(readConfig());
    await withDatabase(async ({ database }) => {
      const result = await verifyTrail(database, keys, head ?? null);
      if (result.finding !== null) process.exitCode = 1;
      if (json) printJson(inJson(result));
      else print(describe(result));
    });
  });

auditCommand
  .command("export")
  .description("print security events to standard output, one line of JSON each, oldest first")
  .option("--from <time>", "start with this day or time, such as 2026-01-31", readTime)
  .option("--to <time>", "end before this day or time", readTime)
  .option("--user <username or id>", "only events of this user; for a deleted user, the id")
  .option("--json", "accepted for consistency: the output is always JSON")
  .action(async ({ from, to, user }: { from?: Date; to?: Date; user?: string }) => {
    const { validate: isUuid, parse, stringify } = await import("uuid");
    const { findUserId } = await import("../auth/users/find.ts");
    const { exportEvents } = await import("../auth/audit/trail/export.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const id = user?.trim() ?? "";
      const userId =
        user === undefined
          ? null
          : isUuid(id)
            ? stringify(parse(id))
            : requireValue(await findUserId(database, user));
      const lines = exportEvents(database, { from: from ?? null, to: to ?? null, userId });
      await pipeline(lines, process.stdout, { end: false }).catch(unlessReaderHasLeft);
    });
  });

/** A reader such as `| head` closes the pipe early. */
const unlessReaderHasLeft = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EPIPE") throw error;
};

const inJson = ({ finding, sealed, unsealed, head }: Verification) => ({
  intact: finding === null,
  finding,
  sealed,
  unsealed,
  head: head.sequence === 0 ? null : writeHead(head),
});

const describe = ({ finding, sealed, unsealed, head }: Verification): string => {
  if (finding !== null) {
    const where = [
      ...(finding.sequence === null ? [] : [`sequence ${finding.sequence}`]),
      ...(finding.id === null ? [] : [`id ${finding.id}`]),
    ].join(", ");
    return `The audit trail is broken${where && ` at ${where}`}: ${finding.problem}.`;
  }
  const waiting = unsealed === 0 ? "" : ` Not sealed yet, not verified: ${unsealed}.`;
  return sealed === 0 && head.sequence === 0
    ? `No event is sealed.${waiting}`
    : `The audit trail is intact. Events: ${sealed}. Head: ${writeHead(head)}.${waiting}`;
};

function readHead(text: string): Head {
  const head = findHeadIn(text);
  if (head === null) throw new InvalidArgumentError("It must look like 12:9f86d081..., as in the log.");
  return head;
}

/** A date means midnight UTC. A time must name its zone, because the operator's zone and the server's may differ. */
function readTime(text: string): Date {
  const isTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  );
  const time = new Date(text);
  if (!isTime || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError("It must look like 2026-01-31 or 2026-01-31T12:00:00Z.");
  return time;
}
