import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const directory = await mkdtemp(join(tmpdir(), "graphward-lockfile-"));
afterAll(() => rm(directory, { recursive: true }));

const run = async (script: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, [join(root, "scripts", script), ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [status] = await once(child, "close");
  return { status, output };
};

interface Edited {
  dependencies: Record<string, string>;
  overrides: Record<string, string>;
  packages: Record<string, Record<string, unknown>>;
}

describe("the lockfile", () => {
  beforeEach(async () => {
    for (const name of ["package.json", "package-lock.json"])
      await cp(join(root, name), join(directory, name));
  });
  const edit = async (name: string, change: (content: Edited) => void) => {
    const path = join(directory, name);
    const content = JSON.parse(await readFile(path, "utf8"));
    change(content);
    await writeFile(path, JSON.stringify(content));
  };
  const check = () => run("lockfile.ts", [directory]);
  const locked = (name: string, change: object) =>
    edit("package-lock.json", ({ packages }) => {
      packages[`node_modules/${name}`] = { ...packages[`node_modules/${name}`], ...change };
    });

  test("that is committed has nothing that nobody has read", async () => {
    expect(await check()).toEqual({ status: 0, output: "" });
  });

  test("is refused when a package has no integrity, or a weak one", async () => {
    for (const integrity of [undefined, "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha512-"]) {
      await locked("express", { integrity });
      expect(await check()).toEqual({
        status: 1,
        output: "node_modules/express has no SHA-512 integrity\n",
      });
    }
  });

  test("is refused when a package comes from a place of its own, or under another's name", async () => {
    for (const change of [
      { resolved: "https://packages.example/express.tgz" },
      { resolved: "git+ssh://git@example.com/express.git" },
      { link: true },
    ]) {
      await cp(join(root, "package-lock.json"), join(directory, "package-lock.json"));
      await locked("express", change);
      expect(await check()).toEqual({
        status: 1,
        output: "node_modules/express comes from a place of its own\n",
      });
    }
    await cp(join(root, "package-lock.json"), join(directory, "package-lock.json"));
    await locked("express", { name: "expres" });
    expect((await check()).output).toBe("node_modules/express is expres under another name\n");
  });

  test("is refused when a package has an install script that is not on the list", async () => {
    await locked("express", { hasInstallScript: true });
    expect(await check()).toEqual({
      status: 1,
      output: "node_modules/express has an install script, and is not in allowScripts of package.json\n",
    });
  });

  test("is refused when it is not what package.json asks for", async () => {
    await edit("package.json", ({ dependencies }) => {
      dependencies["left-out"] = "1.0.0";
    });
    expect((await check()).output).toBe("dependencies of package.json are not those of package-lock.json\n");
    await cp(join(root, "package.json"), join(directory, "package.json"));
    await locked("express", { version: "5.0.0" });
    expect((await check()).output).toMatch(/^express \S+ of package.json is not what is locked\n$/);
  });

  test("is refused when a package is not the version that it is overridden with", async () => {
    await edit("package-lock.json", ({ packages }) => {
      packages["node_modules/@mikro-orm/core/node_modules/kysely"] = {
        ...packages["node_modules/kysely"],
        version: "0.29.6",
      };
    });
    expect(await check()).toEqual({
      status: 1,
      output: expect.stringMatching(
        /^\S+core\/node_modules\/kysely is not the \S+ that it is overridden with\n$/,
      ),
    });
  });
});

describe("advisories about what production installs", () => {
  const checkWith = async (answer: RequestListener) => {
    const registry = createServer(answer).listen(0, "127.0.0.1");
    await once(registry, "listening");
    try {
      const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
      // npm caches an advisory by its number.
      const cache = await mkdtemp(join(directory, "cache-"));
      return await run("advisories.ts", [], { npm_config_registry: url, npm_config_cache: cache });
    } finally {
      registry.closeAllConnections();
      registry.close();
    }
  };
  const advising =
    (name: string, severity: string): RequestListener =>
    (request, response) => {
      const advisory = {
        id: 1,
        title: "It opens the door",
        url: "about:it",
        severity,
        vulnerable_versions: "*",
      };
      const body = request.method === "POST" ? { [name]: [{ ...advisory, cwe: [] }] } : {};
      response.writeHead(request.method === "POST" ? 200 : 404).end(JSON.stringify(body));
    };

  // It waits ten seconds for the registry: meanwhile the others run.
  let silence: ReturnType<typeof checkWith>;
  beforeAll(() => {
    silence = checkWith(() => undefined);
  });
  afterAll(() => silence);

  test("fail the check from the level high on", async () => {
    for (const severity of ["high", "critical"])
      expect(await checkWith(advising("express", severity))).toEqual({
        status: 1,
        output: expect.stringContaining(`${severity}: express: It opens the door about:it\n`),
      });
    expect(await checkWith(advising("express", "moderate"))).toEqual({ status: 0, output: "" });
  });

  test("concern nobody in what only tests need", async () => {
    expect(await checkWith(advising("smtp-server", "critical"))).toEqual({ status: 0, output: "" });
  });

  test("are skipped, and the check says so, where the registry has none, says nothing or cannot be reached", async () => {
    const skipped = { status: 0, output: "skipped: the registry answers no audit\n" };
    expect(await checkWith((_request, response) => void response.writeHead(405).end())).toEqual(skipped);
    expect(await run("advisories.ts", [], { npm_config_registry: "http://127.0.0.1:1" })).toEqual(skipped);
    expect(await silence).toEqual(skipped);
  });

  test("are not taken for absent when npm says something else", async () => {
    const { status, output } = await run("advisories.ts", [], { npm_config_workspace: "nowhere" });
    expect([status, output]).toEqual([1, expect.stringContaining("nothing that can be judged")]);
  });
});
