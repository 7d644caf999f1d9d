// Finds variables that are called nearly like a setting: nobody reads them, and no other line would say so.
import { closestMatch } from "leven";
import type { z } from "zod";
import { settings, unloadedEnvironment } from "../config.ts";
import type { Finding } from "../review.ts";
import { fileVariable } from "../secrets/secret-files.ts";

/** One letter in a short name: HOME is not meant as HOST. Two in a long one, as for letters in the wrong order. */
const tolerance = (name: string): number => (name.length < 5 ? 0 : name.length < 8 ? 1 : 2);

export function findMisspelt(
  environment: NodeJS.ProcessEnv = unloadedEnvironment(),
  application: z.ZodObject | null = null,
): Finding[] {
  const own = Object.values(settings(true)).flatMap(({ variable, isSecret }) =>
    isSecret ? [variable, fileVariable(variable)] : [variable],
  );
  const added = Object.keys(application?.shape ?? {}).flatMap((name) => [name, fileVariable(name)]);
  const names = [...own, ...added];
  const known = new Set([...names, ...notOurs]);
  return Object.keys(environment).flatMap((name) => {
    const meant = known.has(name) ? undefined : closestMatch(name, names, { maxDistance: tolerance(name) });
    return meant === undefined
      ? []
      : [{ severity: "warning", name, text: `is not a setting, so it changes nothing: ${meant} is one` }];
  });
}

/** What other programs read. */
const notOurs = ["HOSTS", "PORTS"];
