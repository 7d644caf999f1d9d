// The directory of a small application, as a developer has it: its sources, and Graphward among its packages.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageRoot } from "../../src/package-root.ts";
import { graphward, type Result } from "./process.ts";

export interface ApplicationDirectory {
  readonly root: string;
  run(...args: string[]): Promise<Result>;
  /** With a password on standard input. */
  runWith(input: string, ...args: string[]): Promise<Result>;
  read(name: string): Promise<string>;
  write(name: string, text: string): Promise<void>;
  /** Makes access.lock, schema.graphql and the first migration. */
  generate(): Promise<void>;
  remove(): Promise<void>;
}

const files: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "app", "type": "module" }',
  "tsconfig.json": '{ "extends": "graphward/tsconfig.json", "include": ["*.ts"] }',
  "graphward.config.ts": `
import { defineEntity, p } from "graphward/orm";
import { defineServer, Public, Query, Resolver } from "graphward";

const Note = defineEntity({ name: "Note", tableName: "notes", properties: { id: p.uuid().primary() } });

@Resolver()
class Hello {
  @Public()
  @Query(() => String)
  hello() {
    return "hello";
  }
}

export default defineServer({
  entities: [Note],
  resolvers: [Hello],
  migrations: new URL("./migrations/", import.meta.url),
});
`,
};

export const makeApplication = async (): Promise<ApplicationDirectory> => {
  const root = await mkdtemp(join(tmpdir(), "graphward-application-"));
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  await mkdir(join(root, "node_modules"));
  await symlink(packageRoot, join(root, "node_modules/graphward"));
  for (const name of ["typescript", "@types"])
    await symlink(join(packageRoot, "node_modules", name), join(root, "node_modules", name));
  const run = (...args: string[]) =>
    graphward(args, { directory: root, environment: { LOG_LEVEL: "silent" } });
  return {
    root,
    run,
    runWith: (input, ...args) =>
      graphward(args, { directory: root, environment: { LOG_LEVEL: "silent" }, input }),
    write,
    read: (name) => readFile(join(root, name), "utf8"),
    async generate() {
      const commands = ["access --write", "schema --write", "migration create notes"];
      for (const command of commands) {
        const { status, stderr } = await run(...command.split(" "));
        if (status !== 0) throw new Error(`graphward ${command}: ${stderr}`);
      }
    },
    remove: () => rm(root, { recursive: true }),
  };
};
