// `graphward token` makes, lists and revokes access tokens.

import { Command, InvalidArgumentError } from "commander";
import type { ShownAccessToken } from "../auth/access-tokens/rows.ts";
import { defaultDays } from "../auth/access-tokens/rules.ts";
import { collect, print, printJson, requireValue } from "./terminal.ts";

export const tokenCommand = new Command("token").description("access tokens, for scripts");

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
  .description("make an access token, and print it: it is shown this once")
  .requiredOption("--user <username>", "as whom it acts")
  .requiredOption("--name <name>", "what its owner will find it by")
  .option("--scope <scope>", "what it may reach, such as profile:read; may be repeated", collect, [])
  .option("--days <days>", "how long it lives", readDays, defaultDays)
  .option("--json", "as JSON, with what is kept of it")
  .action(async ({ user, name, scope, days, json }: CreateOptions) => {
    const { scopesOf } = await import("../auth/access/permissions.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { createAccessToken } = await import("../auth/flows/access-tokens.ts");
    const { findUserId } = await import("../auth/users/find.ts");
    const { buildGuardedSchema } = await import("../schema/build.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const userId = requireValue(await findUserId(database, user));
      const wanted = { name, scopes: scope, expiresInDays: days };
      const knownScopes = scopesOf(buildGuardedSchema().schema);
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
  .description("an account's access tokens, newest first")
  .requiredOption("--user <username>", "whose")
  .option("--json", "as JSON")
  .action(async ({ user, json }: Output & { user: string }) => {
    const { listAccessTokens } = await import("../auth/access-tokens/rows.ts");
    const { findUserId } = await import("../auth/users/find.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const tokens = await listAccessTokens(database, requireValue(await findUserId(database, user)));
      if (json) return printJson(tokens);
      if (tokens.length === 0) return print(`${user} has no access token.`);
      for (const token of tokens) print(describe(token));
    });
  });

tokenCommand
  .command("revoke")
  .description("end an access token at once")
  .argument("<id>", "id that `token list` shows")
  .option("--json", "as JSON")
  .action(async (id: string, { json }: Output) => {
    const { revokeAccessToken } = await import("../auth/access-tokens/ends.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const owner = await revokeAccessToken(database, { id, userId: "anybody" }, fromCommandLine);
      if (owner === null) throw new Error("There is no such access token.");
      if (json) printJson({ id, userId: owner });
      else print("The access token is revoked.");
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
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("It is a whole number of days.");
  return Number(text);
}
