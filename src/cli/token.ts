// `graphward token` creates, lists and revokes access tokens.

import { Command, InvalidArgumentError } from "commander";
import type { ShownAccessToken } from "../auth/access-tokens/rows.ts";
import { defaultDays } from "../auth/access-tokens/rules.ts";
import { collect, print, printJson, requireValue } from "./command/terminal.ts";

export const tokenCommand = new Command("token").description("access tokens for scripts");

interface Output {
  readonly json?: true;
}

interface CreateOptions extends Output {
  readonly user: string;
  readonly name: string;
  readonly scope: readonly string[];
  readonly days: number;
}

tokenCommand
  .command("create")
  .description("create an access token and print it; it is shown only once")
  .requiredOption("--user <username>", "the user it acts as")
  .requiredOption("--name <name>", "a name to recognize it")
  .option("--scope <scope>", "what it can access, such as profile:read; repeatable", collect, [])
  .option("--days <days>", "its lifetime in days", readDays, defaultDays)
  .option("--json", "print JSON, with the stored details")
  .action(async ({ user, name, scope, days, json }: CreateOptions) => {
    const { scopesOf } = await import("../auth/access/permissions.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { createAccessToken } = await import("../auth/flows/access-tokens.ts");
    const { findUserId } = await import("../auth/users/find.ts");
    const { buildGuardedSchema, withFederation } = await import("../schema/build.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const userId = requireValue(await findUserId(database, user));
      const wanted = { name, scopes: scope, expiresInDays: days };
      const { loadApplication } = await import("./application/load.ts");
      const knownScopes = scopesOf(buildGuardedSchema(await loadApplication(), withFederation).schema);
      const made = await createAccessToken(database, userId, wanted, {
        knownScopes,
        origin: fromCommandLine,
      });
      const created = requireValue(made);
      if (json) printJson(created);
      else print(created.token);
    });
  });

tokenCommand
  .command("list")
  .description("list a user's access tokens, newest first")
  .requiredOption("--user <username>", "the user who has them")
  .option("--json", "print JSON")
  .action(async ({ user, json }: Output & { user: string }) => {
    const { listAccessTokens } = await import("../auth/access-tokens/rows.ts");
    const { findUserId } = await import("../auth/users/find.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const tokens = await listAccessTokens(database, requireValue(await findUserId(database, user)));
      if (json) return printJson(tokens);
      if (tokens.length === 0) return print(`${user} has no access tokens.`);
      for (const token of tokens) print(describe(token));
    });
  });

tokenCommand
  .command("revoke")
  .description("revoke an access token immediately")
  .argument("<id>", "id from `token list`")
  .option("--json", "print JSON")
  .action(async (id: string, { json }: Output) => {
    const { revokeAccessToken } = await import("../auth/access-tokens/ends.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const owner = await revokeAccessToken(database, { id, userId: "anybody" }, fromCommandLine);
      if (owner === null) throw new Error("There is no such access token.");
      if (json) printJson({ id, userId: owner });
      else print("The access token was revoked.");
    });
  });

const describe = ({ id, hint, name, scopes, expiresAt, lastUsedAt }: ShownAccessToken): string =>
  [
    id,
    hint,
    `until ${expiresAt.toISOString()}`,
    (lastUsedAt === null ? "never used" : `used ${lastUsedAt.toISOString()}`).padEnd(29),
    scopes.join(" "),
    name,
  ].join("  ");

function readDays(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("It must be a whole number of days.");
  return Number(text);
}
