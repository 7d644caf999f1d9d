// nginx and HAProxy in front of two servers, each as its own documents configure it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
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
  const servers = serverPorts.map((it) => `server 127.0.0.1:${it} max_fails=1 fail_timeout=1s;`);
  const configuration = `
    daemon off; master_process off; pid ${directory}/pid; error_log stderr warn;
    events { worker_connections 1024; }
    http {
      access_log off; ${temporary.join(" ")}
      upstream api { ${servers.join(" ")} keepalive 64; keepalive_timeout ${idle}; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://api;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
    }`;
  await writeFile(join(directory, "nginx.conf"), configuration);
  const child = spawn("nginx", ["-c", join(directory, "nginx.conf"), "-e", "stderr"]);
  return watch(child, port, directory);
};

const startHaproxy: StartProxy = async ({ port, serverPorts }) => {
  const directory = await mkdtemp(join(tmpdir(), "graphward-haproxy-"));
  const servers = serverPorts.map((it, index) => `  server s${index} 127.0.0.1:${it}`);
  const configuration = `
defaults
  mode http
  timeout connect 5s
  # Without it a check has only its interval: a busy machine would look like a dead server.
  timeout check 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
frontend web
  bind 127.0.0.1:${port}
  default_backend api
backend api
  http-reuse always
  option httpchk GET /health/ready
  default-server check inter 200ms fall 2 rise 1
${servers.join("\n")}
`;
  await writeFile(join(directory, "haproxy.cfg"), configuration);
  return watch(spawn("haproxy", ["-db", "-f", join(directory, "haproxy.cfg")]), port, directory);
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
