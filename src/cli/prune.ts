// `graphward prune` deletes what has expired.
import { Command } from "commander";
import { pruneExpired } from "../pruning.ts";
import { print, withDatabase } from "./database.ts";

export const pruneCommand = new Command("prune")
  .description(
    "delete expired sessions and links, and mail that failed a month ago; a running server does it every hour",
  )
  .action(() =>
    withDatabase(async ({ database }) => {
      const { sessions, links, mail } = await pruneExpired(database);
      print(
        `Expired sessions deleted: ${sessions}. Expired links deleted: ${links}. Failed mail deleted: ${mail}.`,
      );
    }),
  );
