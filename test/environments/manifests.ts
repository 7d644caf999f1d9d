// Checks of Kubernetes' manifests without a cluster: the schema of each kind, and names that no kind has.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own.
  readonly [part: string]: any;
}

const moduleOf = ({ apiVersion }: Manifest): string => `kubernetes-models/${apiVersion}`;

/** What the schemas of Kubernetes refuse: wrong types, missing fields, unknown words. */
export const findSchemaProblems = async (manifests: readonly Manifest[]): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const manifest of manifests) {
    const Kind = (await import(moduleOf(manifest)))[manifest.kind];
    try {
      new Kind(manifest).validate();
    } catch (error) {
      problems.push(`${manifest.kind} ${manifest.metadata.name}: ${String(error)}`);
    }
  }
  return problems;
};

/** Fields that a kind does not have, which the schemas let pass: the compiler's check of literals finds them. */
export const findUnknownFields = async (manifests: readonly Manifest[]): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-manifests-"));
  const lines = manifests.map(
    (it, index) =>
      `export const _${index}: import(${JSON.stringify(moduleOf(it))}).I${it.kind} = ${JSON.stringify(it)};`,
  );
  await writeFile(join(directory, "manifests.ts"), lines.join("\n"));
  await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
  const options = "--noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --types";
  try {
    execFileSync(
      join(repository, "node_modules/.bin/tsc"),
      [...options.split(" "), "", join(directory, "manifests.ts")],
      { cwd: directory, encoding: "utf8" },
    );
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
};
