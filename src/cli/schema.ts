// `graphward schema` prints the schema.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";

/** Beside package.json, from src and from dist. */
const schemaPath = join(import.meta.dirname, "../../schema.graphql");

export const schemaCommand = new Command("schema")
  .description("print the schema with its access rules")
  .option("--write", "write it to schema.graphql")
  .option("--federation", "print the subgraph that FEDERATION=on serves, for a gateway to compose")
  .action(async ({ write, federation }: { write?: true; federation?: true }) => {
    const { printGuardedSchema } = await import("../auth/access/definition.ts");
    const { buildGuardedSchema, withFederation } = await import("../schema/build.ts");
    if (federation) {
      const { printSubgraph } = await import("../auth/access/subgraph.ts");
      process.stdout.write(printSubgraph(buildGuardedSchema(undefined, withFederation).schema));
      return;
    }
    const definition = printGuardedSchema(buildGuardedSchema());
    if (write) await writeFile(schemaPath, definition);
    else process.stdout.write(definition);
  });
