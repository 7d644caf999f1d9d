// `graphward schema` prints the schema.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { printGuardedSchema } from "../auth/access/definition.ts";
import { buildGuardedSchema } from "../schema/build.ts";

/** Beside package.json, from src and from dist alike. */
const schemaPath = join(import.meta.dirname, "../../schema.graphql");

export const schemaCommand = new Command("schema")
  .description("print the schema, with the access rules on it")
  .option("--write", "write it to schema.graphql instead")
  .action(async ({ write }: { write?: true }) => {
    const definition = printGuardedSchema(buildGuardedSchema());
    if (write) await writeFile(schemaPath, definition);
    else process.stdout.write(definition);
  });
