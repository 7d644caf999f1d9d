// A page built by Vite and served from an origin of its own, as the page of an application is.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { build } from "vite";
import { vi } from "vitest";

export interface BuiltPage {
  readonly origin: string;
  close(): Promise<void>;
}

export interface PageSources {
  /** The folder with index.html. */
  readonly root: string;
  readonly port: number;
  /** What the page sees as `import.meta.env`. */
  readonly environment: Readonly<Record<string, string>>;
}

export const servePage = async ({ root, port, environment }: PageSources): Promise<BuiltPage> => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-page-"));
  // Otherwise the page would have the development build of React.
  vi.stubEnv("NODE_ENV", "production");
  await build({
    configFile: false,
    logLevel: "error",
    root,
    define: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [`import.meta.env.${name}`, JSON.stringify(value)]),
    ),
    build: { outDir: directory, emptyOutDir: true, reportCompressedSize: false },
  });
  vi.unstubAllEnvs();
  const pages = createServer(async ({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const name = pathname === "/" ? "index.html" : pathname;
    const content = await readFile(join(directory, name)).catch(() => null);
    response.setHeader("content-type", types[extname(name)] ?? "text/plain");
    response.writeHead(content === null ? 404 : 200).end(content);
  });
  pages.listen(port);
  return {
    origin: `http://localhost:${port}`,
    async close() {
      pages.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};
