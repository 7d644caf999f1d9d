// `graphward restored` ends what a restored backup has brought back.
import { Command } from "commander";
import type { Kept, Restoration } from "../auth/administration/restoration.ts";
import { print, printJson } from "./command/terminal.ts";

interface Options {
  readonly keepSessions?: boolean;
  readonly keepAccessTokens?: boolean;
  readonly json?: true;
}

export const restoredCommand = new Command("restored")
  .description(
    "run it after a backup was restored and before the server starts: ends all sessions, access tokens, links from mail, trusted browsers and pending logins, and deletes waiting mail, because the backup does not know which of them ended after it was made",
  )
  .option("--keep-sessions", "keep sessions: those that were logged out after the backup are valid again")
  .option(
    "--keep-access-tokens",
    "keep access tokens: those that were revoked after the backup are valid again",
  )
  .option("--json", "print JSON")
  .action(async ({ keepSessions = false, keepAccessTokens = false, json }: Options) => {
    const { endWhatCameBack } = await import("../auth/administration/restoration.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const kept = { sessions: keepSessions, accessTokens: keepAccessTokens };
      const ended = await endWhatCameBack(database, fromCommandLine, kept);
      if (json) return printJson(ended);
      for (const line of describeRestoration(ended, kept)) print(line);
    });
  });

export const describeRestoration = (ended: Restoration, kept: Kept): readonly string[] => [
  `Sessions ended: ${kept.sessions ? "none, as asked" : ended.sessions}.`,
  `Access tokens revoked: ${kept.accessTokens ? "none, as asked" : ended.accessTokens}.`,
  `Links ended: ${ended.links}.`,
  `Waiting mail deleted: ${ended.mail}.`,
  `Trusted browsers ended: ${ended.trustedBrowsers}.`,
  `Pending logins ended: ${ended.pendingLogins}.`,
];
