// Both packages as they are published, and an application that create-graphward made of them.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, repository, run } from "./machine.ts";

export interface Packed {
  readonly folder: string;
  readonly graphward: string;
  readonly creator: string;
}

export const pack = async (): Promise<Packed> => {
  const folder = await makeFolder();
  await run(repository, `npm pack --pack-destination ${folder}`);
  await run(join(repository, "packages/create-graphward"), `npm pack --pack-destination ${folder}`);
  const names = await readdir(folder);
  const find = (start: string) => join(folder, names.find((name) => name.startsWith(start)) ?? start);
  return { folder, graphward: find("graphward-"), creator: find("create-graphward-") };
};

/** Returns its directory. */
export const createApplication = async ({ folder, graphward, creator }: Packed): Promise<string> => {
  await run(folder, `npx --yes --package ${creator} create-graphward my-app --graphward ${graphward}`);
  return join(folder, "my-app");
};
