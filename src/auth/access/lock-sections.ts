// The two sections of an application's access.lock: what comes with Graphward, and what the application adds.

interface Block {
  readonly line: string;
  /** What can be reached below an open field, a line for each type. */
  readonly below: readonly string[];
}

/**
 * `ours` is the lock that is part of the package, `all` describes the whole schema. Our section is what the package says, whatever
 * the application adds: a patch never changes it.
 */
export function composeSections(ours: string, all: string, version: string): string {
  const heading = all.slice(0, all.indexOf("\n\n") + 1);
  const known = new Map(blocksOf(ours).map(({ line, below }) => [line, new Map(below.map(entryOf))]));
  const added = blocksOf(all).flatMap((block) => withoutKnown(block, known.get(block.line)));
  return [
    heading,
    `## With Graphward ${version}\n`,
    ours.slice(ours.indexOf("\n\n") + 2),
    "## Of this application\n",
    ...(added.length === 0 ? ["# Nothing.\n"] : [added.map(writeBlock).join("")]),
  ].join("\n");
}

const blocksOf = (text: string): readonly Block[] => {
  const blocks: { line: string; below: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith(" ")) blocks.at(-1)?.below.push(line.trim());
    else blocks.push({ line, below: [] });
  }
  return blocks;
};

/** `Note: id text` as the type and its fields. */
const entryOf = (line: string): [string, ReadonlySet<string>] => {
  const [type = "", fields = ""] = line.split(": ");
  return [type, new Set(fields.split(" "))];
};

const withoutKnown = (block: Block, known: ReadonlyMap<string, ReadonlySet<string>> | undefined): Block[] => {
  if (known === undefined) return [block];
  const below = block.below.flatMap((line) => {
    const [type, fields] = entryOf(line);
    const added = [...fields].filter((field) => known.get(type)?.has(field) !== true);
    return added.length === 0 ? [] : [`${type}: ${added.join(" ")}`];
  });
  return below.length === 0 ? [] : [{ line: block.line, below }];
};

const writeBlock = ({ line, below }: Block): string =>
  [line, ...below.map((entry) => `  ${entry}`)].map((text) => `${text}\n`).join("");
