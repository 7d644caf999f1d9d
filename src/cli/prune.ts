// `graphward prune` deletes expired sessions.
import { Command } from "commander";
import { pruneSessions } from "../auth/sessions.ts";
import { print, withDatabase } from "./database.ts";

export const pruneCommand = new Command("prune")
  .description("delete expired sessions; a running server does it every hour")
  .action(() =>
    withDatabase(async ({ database }) =>
      print(`Expired sessions deleted: ${await pruneSessions(database)}.`),
    ),
  );
