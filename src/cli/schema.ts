// `graphward schema` prints the schema.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";

export const schemaCommand = new Command("schema")
  .description("print the schema with its access rules")
  .option("--write", "write it to schema.graphql")
  .option("--federation", "print the subgraph that FEDERATION=on serves, for a gateway to compose")
  .action(async ({ write, federation }: { write?: true; federation?: true }) => {
    const { loadApplication } = await import("./application/load.ts");
    const application = await loadApplication();
    const { printGuardedSchema } = await import("../auth/access/definition.ts");
    const { buildGuardedSchema, withFederation } = await import("../schema/build.ts");
    if (federation) {
      const { printSubgraph } = await import("../auth/access/subgraph.ts");
      process.stdout.write(printSubgraph(buildGuardedSchema(application, withFederation).schema));
      return;
    }
    const definition = printGuardedSchema(buildGuardedSchema(application));
    if (write) await writeFile(join(application.root, "schema.graphql"), definition);
    else process.stdout.write(definition);
  });
