// The image of deploy/Dockerfile without a container engine: its own steps, in a folder, and a process that sees only that folder.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, matchesGlob, relative } from "node:path";
import { minutes } from "../../src/time.ts";
import { environment, repository } from "../package/machine.ts";

const dockerfile = join(repository, "deploy/Dockerfile");

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Image {
  /** The root directory of its processes. */
  readonly root: string;
  readonly user: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
  remove(): Promise<void>;
}

/** `context`: the directory that `docker build` would be given. `tarball`: the package beside it, which no registry has yet. */
export const buildImage = async (context: string, tarball: string): Promise<Image> => {
  const [build = [], final = []] = splitStages(await readInstructions());
  const folder = await mkdtemp(join(tmpdir(), "graphward-image-"));
  // The process runs as a user of its own.
  await chmod(folder, 0o755);
  const stage = join(folder, "build");
  await mkdir(stage);
  await copyFile(tarball, join(folder, basename(tarball)));
  for (const { name, rest } of build) await buildStep(name, rest, { context, stage, folder });

  const root = join(folder, "root");
  await makeBase(root);
  for (const { rest } of final.filter(({ name }) => name === "COPY")) {
    const [from = "", to = ""] = rest.replace("--from=build ", "").split(" ");
    const source =
      from === "/usr/local/bin/node" ? process.execPath : join(folder, from.replace("/app", "build"));
    await cp(source, join(root, to), { recursive: true, verbatimSymlinks: true });
  }
  const find = (name: string) => final.find((it) => it.name === name)?.rest ?? "";
  return {
    root,
    user: Number(find("USER").split(":")[0]),
    environment: Object.fromEntries(
      [...find("ENV").matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ),
    command: JSON.parse(find("CMD")),
    healthCheck: JSON.parse(/CMD (\[.*\])/.exec(find("HEALTHCHECK"))?.[1] ?? "[]"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

/** Throws at an instruction that is not carried out here: the file would have rotted unseen. */
const buildStep = async (
  name: string,
  rest: string,
  { context, stage, folder }: { readonly context: string; readonly stage: string; readonly folder: string },
): Promise<void> => {
  if (name === "FROM" || (name === "WORKDIR" && rest === "/app")) return;
  if (name === "COPY") {
    const isIgnored = await readIgnored();
    const sources = rest.split(" ").slice(0, -1);
    for (const source of sources)
      await cp(join(context, source), source === "." ? stage : join(stage, source), {
        recursive: true,
        filter: (path) => !isIgnored(relative(context, path)),
      });
    return;
  }
  if (name !== "RUN") throw new Error(`The Dockerfile's ${name} ${rest} is not known here.`);
  const node = join(folder, "bin");
  await mkdir(node, { recursive: true });
  await symlink(process.execPath, join(node, "node")).catch(() => undefined);
  // The authorities of a registry behind a proxy, as a builder of images is given them.
  const { NODE_EXTRA_CA_CERTS, npm_config_cafile } = process.env;
  const env = {
    ...environment(),
    NODE_EXTRA_CA_CERTS,
    npm_config_cafile,
    PATH: `${node}:${environment().PATH}`,
  };
  execFileSync("/bin/sh", ["-c", rest], { cwd: stage, env, stdio: "pipe", timeout: minutes(5) });
};

/** What node needs of the base image, and what finds node for the commands. */
const makeBase = async (root: string): Promise<void> => {
  for (const name of ["dev", "proc", "run/secrets", "usr/local/bin"])
    await mkdir(join(root, name), { recursive: true });
  const listed = execFileSync("ldd", [process.execPath, "/usr/bin/env"], { encoding: "utf8" });
  await mkdir(join(root, "usr/bin"));
  await copyFile("/usr/bin/env", join(root, "usr/bin/env"));
  for (const [path] of listed.matchAll(/(?<=\s)\/\S+(?= \()/g)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
};

const readInstructions = async (): Promise<readonly Instruction[]> =>
  (await readFile(dockerfile, "utf8"))
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ name: line.split(" ")[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));

const splitStages = (instructions: readonly Instruction[]): readonly (readonly Instruction[])[] => {
  const starts = instructions.flatMap(({ name }, index) => (name === "FROM" ? [index] : []));
  return starts.map((start, index) => instructions.slice(start, starts[index + 1]));
};

const readIgnored = async (): Promise<(path: string) => boolean> => {
  const patterns = (await readFile(`${dockerfile}.dockerignore`, "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return (path) =>
    patterns.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`));
};

/** As Kubernetes mounts it: readable for the process alone. Returns its path inside. */
export const addSecret = async ({ root, user }: Image, name: string, text: string): Promise<string> => {
  const path = join("/run/secrets", name);
  await writeFile(join(root, path), `${text}\n`);
  await chown(join(root, path), user, user);
  await chmod(join(root, path), 0o400);
  return path;
};

export interface Running {
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  signal(name: NodeJS.Signals): Promise<void>;
}

/** Process 1 of its own list of processes, on a read-only root, without a right of root. It shares our network. */
export const runInImage = (
  image: Image,
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
  input = "",
): Running => {
  const mounts = [
    'mount --bind "$ROOT" "$ROOT"',
    'mount --rbind /dev "$ROOT/dev"',
    // As the unit of systemd shows it.
    'mount -t proc -o subset=pid,hidepid=invisible proc "$ROOT/proc"',
    'mount -o remount,bind,ro "$ROOT"',
    'exec setpriv --clear-groups --no-new-privs unshare --root "$ROOT" --wd /app --setgid "$ID" --setuid "$ID" "$@"',
  ].join(" && ");
  const child = spawn(
    "unshare",
    ["--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", mounts, "sh", ...command],
    { env: { ...image.environment, ...settings, ROOT: image.root, ID: String(image.user) }, stdio: "pipe" },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  child.stdin.on("error", () => undefined).end(input);
  return {
    output: () => text,
    ended: once(child, "close").then(([status]): number | null => status),
    signal: async (name) => {
      process.kill(await findOnlyChild(child), name);
    },
  };
};

const findOnlyChild = async ({ pid }: ChildProcess): Promise<number> =>
  Number(await readFile(`/proc/${pid}/task/${pid}/children`, "utf8"));

/** Every file of the image, by its path inside. */
export const filesOf = async ({ root }: Image): Promise<readonly string[]> =>
  (await readdir(root, { recursive: true })).map((name) => `/${name}`);
