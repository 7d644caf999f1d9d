// The application of the table of streams: one subscription, private as every field is, and the mutation that sends its events.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "../cleanup.ts";
import { type Graphward, runGraphward, startGraphward } from "./graphward.ts";
import { makeDirectory } from "./server.ts";

const files: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "live", "type": "module" }',
  "tsconfig.json": '{ "extends": "graphward/tsconfig.json", "include": ["*.ts"] }',
  "graphward.config.ts": `
import { Arg, type Context, Ctx, defineServer, Int, Mutation, publish, Resolver, Root, Subscription } from "graphward";

@Resolver()
class Live {
  @Subscription(() => Int, { nullable: true, topics: "HAPPENED" })
  happened(@Root() { number }: { readonly number: number }): number {
    return number;
  }

  @Mutation(() => Boolean, { nullable: true })
  async happen(@Arg("number", () => Int) number: number, @Ctx() context: Context): Promise<boolean> {
    await publish(context, "HAPPENED", { number });
    return true;
  }
}

export default defineServer({ resolvers: [Live] });
`,
};

export const startLiveApplication = async (
  cleanup: Cleanup,
  core: number | null,
  maxStreams: number,
): Promise<Graphward> => {
  const directory = makeDirectory(cleanup);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const project = join(import.meta.dirname, "../..");
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(project, join(directory, "node_modules/graphward"));
  for (const name of ["typescript", "@types"])
    symlinkSync(join(project, "node_modules", name), join(directory, "node_modules", name));
  runGraphward(directory, ["access", "--write"]);
  runGraphward(directory, ["build"]);
  return startGraphward(cleanup, core, { directory, environment: { MAX_STREAMS: String(maxStreams) } });
};
