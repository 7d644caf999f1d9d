// `graphward schema` prints the schema.
import { Command } from "commander";
import { buildGuardedSchema } from "../schema.ts";
import { printGuardedSchema } from "../schema-definition.ts";

export const schemaCommand = new Command("schema")
  .description("print the schema, with the access rules on it")
  .action(() => void process.stdout.write(printGuardedSchema(buildGuardedSchema())));
