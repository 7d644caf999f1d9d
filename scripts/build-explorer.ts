// Builds the explorer's page into dist/explorer/page, unless what is there was built from the same inputs.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const source = join(root, "src/explorer/page");
const target = join(root, "dist/explorer/page");

/** Vite is loaded only when there is something to build: `npm start` calls this every time. */
const buildExplorer = async (): Promise<void> => {
  const inputs = hashOfInputs();
  if (inputs === builtFrom(target)) return;

  // Built aside and moved into place whole: a build that was interrupted never passes for a finished one.
  const staging = `${target}.${process.pid}`;
  try {
    await bundle(staging);
    writeFileSync(join(staging, ".inputs"), inputs);
    replaceTarget(staging, inputs);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
};

const bundle = async (outDir: string): Promise<void> => {
  // Vite would put React's development build into the page of a server that is started with NODE_ENV=development.
  process.env.NODE_ENV = "production";
  const { build } = await import("vite");
  await build({
    configFile: false,
    logLevel: "warn",
    root: source,
    base: "/explorer/",
    // Two copies of graphql refuse each other's schemas.
    resolve: { dedupe: ["graphql", "react", "react-dom"] },
    build: {
      outDir,
      emptyOutDir: true,
      sourcemap: false,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: {
        // GraphiQL names its icons for screen readers after the functions that draw them.
        output: { keepNames: true },
        // "use client" in many packages: it tells server renderers something, and a page nothing.
        checks: { moduleLevelDirective: false },
      },
      // Monaco's editor is one module graph of about 3 MB; splitting it would only add requests.
      chunkSizeWarningLimit: 5000,
    },
  });
};

const replaceTarget = (staging: string, inputs: string): void => {
  // Two servers started at once: the other one may have put the same build there, and already serve it.
  if (builtFrom(target) === inputs) return;
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(staging, target);
  } catch (error) {
    if (builtFrom(target) !== inputs) throw error;
  }
};

const builtFrom = (directory: string): string | null => {
  try {
    return readFileSync(join(directory, ".inputs"), "utf8");
  } catch {
    return null;
  }
};

const hashOfInputs = (): string => {
  const hash = createHash("sha256");
  const names = readdirSync(source).sort();
  for (const file of [...names.map((name) => join(source, name)), import.meta.filename]) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.update(JSON.stringify(lockedVersions())).digest("hex");
};

const PACKAGES =
  /^node_modules\/(@graphiql\/.*|graphiql|graphql(-language-service)?|monaco-.*|react(-.*)?|vite|rolldown)$/;

/** Only the packages that end up in the page or make it: another dependency's update is no reason to build. */
const lockedVersions = (): string[] => {
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(
    readFileSync(join(root, "package-lock.json"), "utf8"),
  );
  return Object.entries(lock.packages)
    .filter(([path]) => PACKAGES.test(path))
    .map(([path, { version }]) => `${path} ${version}`);
};

await buildExplorer();
