// The files of deploy/ that no engine runs here: manifests, compose, systemd. The image has a test of its own.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig, settings } from "../../src/config/config.ts";
import { fileVariable } from "../../src/config/secrets/secret-files.ts";
import { findFreePort } from "../../src/testing/ports.ts";
import { findDuration, seconds } from "../../src/time.ts";
import { production } from "../harness/configuration.ts";
import { findSchemaProblems, findUnknownFields, type Manifest } from "./manifests.ts";

const deploy = join(import.meta.dirname, "../../deploy");
const read = (path: string) => readFile(join(deploy, path), "utf8");

/** How long a server may take after SHUTDOWN_DELAY: eight seconds for requests, and a worker's last means. */
const afterDelay = seconds(12);

/** From one sign of life of a silent stream to the next. */
const betweenSigns = seconds(15);

const known = new Set(
  Object.values(settings(true)).flatMap(({ variable, isSecret }) =>
    isSecret ? [variable, fileVariable(variable)] : [variable],
  ),
);
const unknownOf = (names: readonly string[]) => names.filter((name) => !known.has(name));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-deploy-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** The settings as the server would read them, with every secret in a file. Throws as its start would. */
const readSettings = async (given: Readonly<Record<string, string>>) => {
  const secrets = {
    DATABASE_URL: production.DATABASE_URL,
    DATABASE_REPLICA_URL: "postgres://user:password@replica.example.com/graphward?sslmode=verify-full",
    SESSION_SECRET: production.SESSION_SECRET,
    AUDIT_KEY: production.AUDIT_KEY,
    SMTP_URL: "smtps://user:password@mail.example.com",
    REDIS_URL: "rediss://user:password@redis.example.com",
  };
  const environment: Record<string, string> = { ...given };
  for (const [name, text] of Object.entries(secrets)) {
    if (given[fileVariable(name)] === undefined) continue;
    environment[fileVariable(name)] = join(directory, name);
    await writeFile(join(directory, name), text);
  }
  return readConfig(environment);
};

const kustomizations = ["base", "metrics", "redis", "replica", "ingress", "secrets"];
const kubectl = spawnSync("kubectl", ["version", "--client"]).status === 0 ? "kubectl" : null;

describe("the manifests of Kubernetes", () => {
  let manifests: readonly Manifest[];
  let environment: Record<string, string>;
  beforeAll(async () => {
    const { resources } = parse(await read("kubernetes/base/kustomization.yaml"));
    manifests = await Promise.all(
      (resources as string[]).map(async (name) =>
        parse(await read(`kubernetes/base/${name}`), { merge: true }),
      ),
    );
    const lines = (await read("kubernetes/base/settings.env")).trim().split("\n");
    environment = Object.fromEntries(
      lines.map((line) => /^([^=]+)=(.*)$/.exec(line)?.slice(1) as [string, string]),
    );
  });
  const find = (kind: string) => manifests.find((it) => it.kind === kind) as Manifest;
  const podsOf = () => [find("Deployment"), find("Job")].map(({ spec }) => spec.template.spec);

  test("match the schemas, and have no field that Kubernetes does not know", async () => {
    expect(await findSchemaProblems(manifests)).toEqual([]);
    expect(await findUnknownFields(manifests)).toBe("");
    // The checks themselves can fail.
    const deployment = find("Deployment");
    const changed = (change: object): Manifest => ({
      ...deployment,
      spec: { ...deployment.spec, ...change },
    });
    expect(await findSchemaProblems([changed({ revisionHistoryLimit: "5" })])).toHaveLength(1);
    expect(await findUnknownFields([changed({ minReadySecond: 3 })])).toContain("minReadySecond");
  });

  test("list every file of their directory", async () => {
    for (const name of ["base", "metrics", "ingress"]) {
      const text = await read(`kubernetes/${name}/kustomization.yaml`);
      const files = (await readdir(join(deploy, "kubernetes", name))).filter(
        (it) => it !== "kustomization.yaml",
      );
      expect(files.filter((it) => !text.includes(it))).toEqual([]);
    }
  });

  test("run pods as a user without rights, on a read-only root, with secrets as files that others cannot read", () => {
    for (const pod of podsOf()) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
      });
      const [container] = pod.containers;
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(pod.volumes[0].secret.defaultMode & 0o007).toBe(0);
      for (const { value } of container.env ?? []) expect(value).not.toMatch(/:\/\//);
    }
  });

  test("give the server settings that it accepts, and the files that these name", async () => {
    expect(unknownOf(Object.keys(environment))).toEqual([]);
    expect(await readSettings(environment)).toMatchObject({ production: true, workers: 1 });
    const { volumes, containers } = find("Deployment").spec.template.spec;
    const mounted = (volumes[0].secret.items as { path: string }[]).map(
      ({ path }) => `${containers[0].volumeMounts[0].mountPath}/${path}`,
    );
    const named = Object.entries(environment).flatMap(([name, path]) =>
      name.endsWith("_FILE") ? [path] : [],
    );
    expect(mounted.toSorted()).toEqual(named.toSorted());
    // The server has no way to the URL of the owner of the tables.
    expect(mounted.join()).not.toContain("owner");
  });

  test("wait for a server that ends, and take it out of the service in time", () => {
    const pod = find("Deployment").spec.template.spec;
    const [{ readinessProbe }] = pod.containers;
    const delay = findDuration(environment.SHUTDOWN_DELAY ?? "") ?? 0;
    expect(seconds(pod.terminationGracePeriodSeconds)).toBeGreaterThan(delay + afterDelay);
    expect(seconds(readinessProbe.periodSeconds * (readinessProbe.failureThreshold + 1))).toBeLessThan(delay);
  });

  test("select the pods that there are", () => {
    const { labels } = find("Deployment").spec.template.metadata;
    expect(find("Deployment").spec.selector.matchLabels).toEqual(labels);
    expect(find("Service").spec.selector).toEqual(labels);
    expect(find("PodDisruptionBudget").spec.selector.matchLabels).toEqual(labels);
    expect(find("HorizontalPodAutoscaler").spec.scaleTargetRef.name).toBe(find("Deployment").metadata.name);
    const [{ values }] = find("NetworkPolicy").spec.podSelector.matchExpressions;
    const all = [find("Deployment"), find("Job")].map((it) => it.spec.template.metadata.labels);
    expect(values).toEqual(all.map((it) => it["app.kubernetes.io/name"]));
  });

  test("have a way in that keeps no event back, ends no stream that lives, and believes the controller alone", async () => {
    const ingress = parse(await read("kubernetes/ingress/ingress.yaml"));
    expect(await findSchemaProblems([ingress])).toEqual([]);
    const { annotations } = ingress.metadata;
    expect(annotations).toMatchObject({
      "nginx.org/proxy-buffering": "false",
      "nginx.org/websocket-services": find("Service").metadata.name,
      "nginx.org/proxy-set-headers": "traceparent:,X-Request-Id:",
    });
    // Three signs of life may be lost.
    for (const name of ["nginx.org/proxy-read-timeout", "nginx.org/proxy-send-timeout"])
      expect(findDuration(annotations[name])).toBeGreaterThan(3 * betweenSigns);
    const { configMapGenerator } = parse(await read("kubernetes/ingress/kustomization.yaml"));
    expect(configMapGenerator[0].literals).toEqual(["TRUST_PROXY=1"]);
  });

  test.skipIf(kubectl === null)("are put together by kustomize, with the overlays", async () => {
    const copy = join(directory, "kubernetes");
    await cp(join(deploy, "kubernetes"), copy, { recursive: true });
    const { secretGenerator } = parse(await read("kubernetes/secrets/kustomization.yaml"));
    for (const name of secretGenerator[0].files) await writeFile(join(copy, "secrets", name), "a");
    // As their first lines say.
    const combined = ["replica-redis", "ingress-replica-redis", "ingress-metrics"];
    for (const name of combined) {
      const [overlay = "", ...below] = name.split("-");
      await cp(join(copy, overlay), join(copy, name), { recursive: true });
      const text = await read(`kubernetes/${overlay}/kustomization.yaml`);
      const changed = text.replace("- ../base", `- ../${below.join("-")}`);
      await writeFile(join(copy, name, "kustomization.yaml"), changed);
    }
    // The one place where the host is written.
    const settings = join(copy, "base/settings.env");
    const host = "somewhere.example.org";
    await writeFile(settings, (await readFile(settings, "utf8")).replace("api.example.com", host));
    const all: Manifest[] = [];
    for (const name of [...kustomizations, ...combined]) {
      const text = execFileSync("kubectl", ["kustomize", join(copy, name)], { encoding: "utf8" });
      const built = parseAllDocuments(text).map((it): Manifest => it.toJS());
      expect(await findSchemaProblems(built)).toEqual([]);
      all.push(...built);
      expect(built.filter((it) => it.kind !== "Namespace" && it.metadata.namespace !== "graphward")).toEqual(
        [],
      );
      const config = built.find(({ kind }) => kind === "ConfigMap");
      if (name === "metrics") expect(await readSettings(config?.data)).toMatchObject({ metricsPort: 9464 });
      if (name.includes("redis")) {
        expect(await readSettings(config?.data)).toMatchObject({ redis: { isTls: true } });
        const pod = built.find(({ kind }) => kind === "Deployment")?.spec.template.spec;
        expect(pod.volumes[0].secret.items).toContainEqual({ key: "redis-url", path: "redis-url" });
        const [, outside] = built.find(({ kind }) => kind === "NetworkPolicy")?.spec.egress ?? [];
        expect(outside.ports).toContainEqual({ port: 6379 });
      }
      if (name.includes("replica")) {
        expect(await readSettings(config?.data)).toMatchObject({
          replicaConnection: { host: "replica.example.com" },
          replicaLag: 200,
        });
        const pod = built.find(({ kind }) => kind === "Deployment")?.spec.template.spec;
        const item = { key: "database-replica-url", path: "database-replica-url" };
        expect(pod.volumes[0].secret.items).toContainEqual(item);
      }
      if (name.includes("ingress")) {
        expect(await readSettings(config?.data)).toMatchObject({ trustProxy: 1 });
        expectWayIn(built, host);
      }
    }
    expect(await findUnknownFields(all)).toBe("");
  });
});

/** What leads from outside to the pods: one host with TLS, the service's port, and a policy that lets the controller in, and no other. */
const expectWayIn = (built: readonly Manifest[], host: string) => {
  const find = (kind: string) => built.find((it) => it.kind === kind) as Manifest;
  const { spec } = find("Ingress");
  expect(spec.tls).toEqual([{ hosts: [host], secretName: "graphward-tls" }]);
  const [{ host: ruled, http }, ...more] = spec.rules;
  expect([ruled, more]).toEqual([host, []]);
  const { service } = http.paths[0].backend;
  expect(service.name).toBe(find("Service").metadata.name);
  const [port] = find("Service").spec.ports;
  expect(service.port.name).toBe(port.name);
  const [{ from, ports }] = find("NetworkPolicy").spec.ingress;
  expect(from).toEqual([
    { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "nginx-ingress" } } },
  ]);
  expect(ports).toEqual([{ port: port.targetPort }]);
};

/** What the command starts: it wants the password, and keeps to the policy. */
const expectRedis = async (
  command: string,
  expected: { readonly password: string; readonly policy: string },
) => {
  const port = await findFreePort();
  // A process group of its own, which ends as a whole.
  const child = spawn("sh", ["-c", `${command} --port ${port}`], { stdio: "ignore", detached: true });
  try {
    const options = { socket: { port, reconnectStrategy: false } } as const;
    const ask = async (password: string | undefined) => {
      const client = createClient({ ...options, ...(password !== undefined && { password }) });
      client.on("error", () => undefined);
      try {
        await client.connect();
        return String(await client.info("memory"));
      } finally {
        if (client.isOpen) client.destroy();
      }
    };
    await expect
      .poll(() => ask(expected.password).catch(String))
      .toContain(`maxmemory_policy:${expected.policy}`);
    await expect(ask(undefined)).rejects.toThrow(/NOAUTH|DISABLED|ERR/);
  } finally {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }
};

/** As compose puts files together: lists of what is named grow, and a command is replaced. */
// biome-ignore lint/suspicious/noExplicitAny: files of another program.
const putTogether = (one: any, other: any): any => {
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other];
  if (typeof one !== "object" || typeof other !== "object") return other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      name in one && name in other && name !== "command"
        ? putTogether(one[name], other[name])
        : (other[name] ?? one[name]),
    ]),
  );
};

describe.each([
  ["compose.yaml", []],
  ["compose.yaml with compose.replica.yaml", ["compose.replica.yaml"]],
])("%s", (_name, overlays) => {
  // biome-ignore lint/suspicious/noExplicitAny: a file of another program.
  let compose: any;
  beforeAll(async () => {
    compose = parse(await read("compose.yaml"), { merge: true });
    for (const name of overlays) compose = putTogether(compose, parse(await read(name)));
  });
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const services = (): any[] => Object.values(compose.services);

  test("names only secrets, volumes, networks, services and files that there are", async () => {
    for (const service of services()) {
      for (const name of service.secrets ?? []) expect(compose.secrets).toHaveProperty(name);
      for (const { source } of service.configs ?? []) expect(compose.configs).toHaveProperty(source);
      for (const name of service.networks) expect(compose.networks).toHaveProperty(name);
      for (const name of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(name);
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(":");
        if (source.startsWith("."))
          expect([source, existsSync(join(deploy, source))]).toEqual([source, true]);
        else expect(compose.volumes).toHaveProperty(source);
      }
      expect(service.image).toMatch(/^graphward$|:v?\d/);
    }
  });

  test("opens its ports to this machine alone", () => {
    for (const { ports = [] } of services()) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test("gives the server settings that it accepts, with the secrets that make-secrets.sh makes, which stay", async () => {
    await cp(join(deploy, "make-secrets.sh"), join(directory, "make-secrets.sh"));
    const make = () => execFileSync("sh", [join(directory, "make-secrets.sh")]);
    make();
    const environment: Record<string, string> = {};
    for (const [name, text] of Object.entries(
      compose.services.graphward.environment as Record<string, string>,
    ))
      environment[name] = String(text)
        .replace(/^\$\{\w+:-(.*)\}$/, "$1")
        .replace("/run/secrets", join(directory, "secrets"));
    expect(unknownOf(Object.keys(environment))).toEqual([]);
    const config = readConfig(environment);
    expect(config).toMatchObject({
      production: true,
      metricsPort: 9464,
      databaseUrl: expect.stringContaining("@postgres/"),
      redis: { host: "redis", port: 6379 },
      ...(overlays.length > 0 && { replicaConnection: { host: "replica" }, replicaLag: 200 }),
    });
    const password = (await readFile(join(directory, "secrets/postgres-password"), "utf8")).trim();
    expect(config.databaseUrl).toContain(`:${password}@`);
    if (overlays.length > 0) expect(config.replicaConnection).toMatchObject({ password });
    const ofRedis = (await readFile(join(directory, "secrets/redis-password"), "utf8")).trim();
    expect(config.redis?.password).toBe(ofRedis);
    // As the container runs it: the shell's part by a shell, the rest by the Redis of Debian.
    const [, , line] = compose.services.redis.command as string[];
    const command = (line ?? "")
      .replaceAll("$$", "$")
      .replace("/run/secrets", join(directory, "secrets"))
      .replace("valkey-server", "redis-server");
    expect(command).not.toContain(ofRedis);
    await expectRedis(command, { password: ofRedis, policy: "noeviction" });
    make();
    expect(readConfig(environment)).toMatchObject({ sessionSecrets: config.sessionSecrets });
    expect(seconds(Number.parseInt(compose.services.graphward.stop_grace_period, 10))).toBeGreaterThan(
      config.shutdownDelay + afterDelay,
    );
    for (const { file } of Object.values(compose.secrets) as { file: string }[])
      expect(existsSync(join(directory, file))).toBe(true);
  });

  test("has a job for Prometheus of the name in the alerts, at the port of the metrics", async () => {
    const { scrape_configs: jobs, rule_files: files } = parse(await read("prometheus/prometheus.yml"));
    expect(jobs).toEqual([{ job_name: "graphward", static_configs: [{ targets: ["graphward:9464"] }] }]);
    expect(await read(`prometheus/${files[0]}`)).toContain('up{job="graphward"}');
  });
});

describe.each([
  ["graphward.service", null],
  ["graphward.service with replica.conf", "systemd/replica.conf"],
])("%s", (_name, addition) => {
  let unit: string;
  let added = "";
  beforeAll(async () => {
    // The only path of it that systemd looks for.
    const text = (await read("systemd/graphward.service")).replace("/usr/bin/node", process.execPath);
    unit = join(directory, "graphward.service");
    await writeFile(unit, text);
    if (addition === null) return;
    added = await read(addition);
    await mkdir(`${unit}.d`);
    await writeFile(join(`${unit}.d`, "replica.conf"), added);
  });

  test("is what systemd accepts, with an exposure of at most 1.5 of 10", () => {
    const verify = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    expect([verify.status, verify.stdout + verify.stderr]).toEqual([0, ""]);
    const security = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=15", unit], {
      encoding: "utf8",
    });
    expect([security.status, security.stdout.split("\n").at(-2)]).toEqual([
      0,
      expect.stringContaining("exposure"),
    ]);
  });

  test("gives the server settings that it accepts, and a file for each credential", async () => {
    const text = (await readFile(unit, "utf8")) + added;
    const environment = Object.fromEntries(
      [...text.matchAll(/^Environment=(.*)$/gm)]
        .flatMap(([, line = ""]) => line.split(" "))
        .map((it) => it.split("=") as [string, string]),
    );
    const { MALLOC_ARENA_MAX: _, ...ours } = environment;
    expect(unknownOf(Object.keys(ours))).toEqual([]);
    const urls = { PUBLIC_URL: "https://api.example.com", MAIL_FROM: "no-reply@example.com" };
    const config = await readSettings({ ...ours, ...urls });
    expect(config.production).toBe(true);
    if (addition !== null)
      expect(config).toMatchObject({ replicaConnection: { host: "replica.example.com" }, replicaLag: 200 });
    const credentials = [...text.matchAll(/^LoadCredential=([^:]+):/gm)].map(([, name]) => `%d/${name}`);
    expect(Object.values(ours).filter((it) => it.startsWith("%d/"))).toEqual(credentials);
    const stop = findDuration(/^TimeoutStopSec=(.*)$/m.exec(text)?.[1] ?? "") ?? 0;
    expect(stop).toBeGreaterThan(config.shutdownDelay + afterDelay);
  });
});
