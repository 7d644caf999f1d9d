// nginx and HAProxy in front of two servers, as the examples in deploy/ configure them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export interface Proxy {
  readonly url: string;
  /** What it wrote, for the message of a failed test. */
  readonly output: () => string;
  stop(): Promise<void>;
}

export interface ProxySettings {
  readonly port: number;
  readonly serverPorts: readonly number[];
  /** How long nginx keeps an idle connection to a server. */
  readonly idle?: string;
}

type StartProxy = (settings: ProxySettings) => Promise<Proxy>;

const startNginx: StartProxy = async ({ port, serverPorts, idle = "60s" }) => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-nginx-"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  );
  const example = await readExample("nginx/graphward.conf", [
    [/10\.0\.0\.1:4000/, `127.0.0.1:${serverPorts[0]}`],
    [/10\.0\.0\.2:4000/, `127.0.0.1:${serverPorts[1]}`],
    [/keepalive_timeout .*;/, `keepalive_timeout ${idle};`],
    [/listen 443 ssl http2;/, `listen 127.0.0.1:${port};`],
    [/ssl_certificate .*;/, ""],
    [/ssl_certificate_key .*;/, ""],
  ]);
  const configuration = `
    daemon off; master_process off; pid ${directory}/pid; error_log stderr warn;
    events { worker_connections 1024; }
    http { access_log off; ${temporary.join(" ")}\n${example} }`;
  await writeFile(join(directory, "nginx.conf"), configuration);
  const child = spawn("nginx", ["-c", join(directory, "nginx.conf"), "-e", "stderr"]);
  return watch(child, port, directory);
};

const startHaproxy: StartProxy = async ({ port, serverPorts }) => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-haproxy-"));
  const configuration = await readExample("haproxy/haproxy.cfg", [
    [/10\.0\.0\.1:4000/, `127.0.0.1:${serverPorts[0]}`],
    [/10\.0\.0\.2:4000/, `127.0.0.1:${serverPorts[1]}`],
    [/bind .*/, `bind 127.0.0.1:${port}`],
    [/inter 1s/, "inter 200ms"],
  ]);
  await writeFile(join(directory, "haproxy.cfg"), configuration);
  return watch(spawn("haproxy", ["-db", "-f", join(directory, "haproxy.cfg")]), port, directory);
};

/** In front of two PostgreSQL servers. Resolves when it accepts connections, whether a server is up or not. */
export const startDatabaseHaproxy = async ({
  port,
  replicaPort,
  serverPorts,
}: ProxySettings & { readonly replicaPort: number }): Promise<Proxy> => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-haproxy-"));
  const configuration = await readExample("haproxy/postgresql.cfg", [
    [/10\.0\.0\.11:5432/g, `127.0.0.1:${serverPorts[0]}`],
    [/10\.0\.0\.12:5432/g, `127.0.0.1:${serverPorts[1]}`],
    [/bind :5432/, `bind 127.0.0.1:${port}`],
    [/bind :5433/, `bind 127.0.0.1:${replicaPort}`],
  ]);
  await writeFile(join(directory, "haproxy.cfg"), configuration);
  return watch(spawn("haproxy", ["-db", "-f", join(directory, "haproxy.cfg")]), port, directory);
};

/** What operators copy, with the addresses and times of the test in the place of theirs. */
const readExample = async (
  name: string,
  changes: readonly (readonly [RegExp, string])[],
): Promise<string> => {
  let text = await readFile(join(import.meta.dirname, "../../deploy", name), "utf8");
  for (const [from, to] of changes) {
    if (!from.test(text)) throw new Error(`deploy/${name} has no ${from}.`);
    text = text.replace(from, to);
  }
  return text;
};

export const proxies: Readonly<Record<"nginx" | "HAProxy", StartProxy>> = {
  nginx: startNginx,
  HAProxy: startHaproxy,
};

const watch = async (child: ChildProcess, port: number, directory: string): Promise<Proxy> => {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const ended = once(child, "close");
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`The proxy ended: ${output}`);
    await setTimeout(20);
  }
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false)).unref();
    socket.on("connect", () => socket.destroy());
  });
