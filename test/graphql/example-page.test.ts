import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleDirectory } from "../harness/example.ts";

test("docs/clients.md quotes the page of the example as it is", async () => {
  const page = await readFile("docs/clients.md", "utf8");
  const quotes = [...page.matchAll(/^`(web\/[^`\n]+)`\n\n```tsx\n(.*?)^```$/gms)];
  expect(quotes.map(([, file]) => file)).toEqual(["web/src/providers.tsx", "web/src/operations.ts"]);
  for (const [, file = "", text = ""] of quotes)
    expect(await readFile(join(exampleDirectory, file), "utf8")).toContain(text);
});
