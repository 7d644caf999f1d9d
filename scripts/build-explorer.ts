// Builds the explorer's page into dist/explorer/page, unless the existing build has the same inputs.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const source = join(root, "src/explorer/page");
const target = join(root, "dist/explorer/page");

/** Vite is loaded only when there is something to build: every `npm start` calls this. */
const buildExplorer = async (): Promise<void> => {
  const inputs = hashOfInputs();
  if (inputs === builtFrom(target)) return;

  // Built in a staging directory and renamed into place: an interrupted build never passes for a complete one.
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
  // With NODE_ENV=development, Vite would bundle React's development build.
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
        // GraphiQL takes its icons' labels for screen readers from function names.
        output: { keepNames: true },
        // "use client" in many packages: only server rendering needs it.
        checks: { moduleLevelDirective: false },
      },
      // Monaco's editor is one module graph of about 3 MB; splitting it would only add requests.
      chunkSizeWarningLimit: 5000,
    },
  });
};

const replaceTarget = (staging: string, inputs: string): void => {
  // Two servers may start at once: the other may have put the same build there, and already serve it.
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

/** Only the packages that are in the page or build it: an update of another dependency needs no new build. */
const lockedVersions = (): string[] => {
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(
    readFileSync(join(root, "package-lock.json"), "utf8"),
  );
  return Object.entries(lock.packages)
    .filter(([path]) => PACKAGES.test(path))
    .map(([path, { version }]) => `${path} ${version}`);
};

await buildExplorer();
