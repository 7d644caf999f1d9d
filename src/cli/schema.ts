// `graphward schema` prints the schema.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";

/** Beside package.json, from src and from dist. */
const schemaPath = join(import.meta.dirname, "../../schema.graphql");

export const schemaCommand = new Command("schema")
  .description("print the schema with its access rules")
  .option("--write", "write it to schema.graphql")
  .action(async ({ write }: { write?: true }) => {
    const { printGuardedSchema } = await import("../auth/access/definition.ts");
    const { buildGuardedSchema } = await import("../schema/build.ts");
    const definition = printGuardedSchema(buildGuardedSchema());
    if (write) await writeFile(schemaPath, definition);
    else process.stdout.write(definition);
  });
