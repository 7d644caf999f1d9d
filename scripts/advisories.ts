// `node scripts/advisories.ts`: checks for published advisories about the production dependencies.
import { spawnSync } from "node:child_process";
import { seconds } from "../src/time.ts";

interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  /** Advisories, or the names of packages that cause them. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

/** Some registries have no audit, and some machines no network: neither may fail or delay a check. */
const patience = seconds(20);

// Under `npm run --silent`, npm would not say why it has no answer.
const options = [
  "--omit=dev",
  "--json",
  "--loglevel=error",
  "--fetch-retries=0",
  `--fetch-timeout=${patience / 2}`,
];
const { stdout, stderr, error } = spawnSync("npm", ["audit", ...options], {
  encoding: "utf8",
  timeout: patience,
  // npm on Windows is a batch file.
  shell: process.platform === "win32",
});

const skip = (reason: string): void => void process.stdout.write(`skipped: ${reason}\n`);
const fail = (reason: string): void => {
  process.stdout.write(`${reason}\n`);
  process.exitCode = 1;
};

const judge = (vulnerabilities: readonly Vulnerability[]): void => {
  for (const { name, severity, via } of vulnerabilities) {
    const told = via.map((it) => (typeof it === "string" ? `by ${it}` : `${it.title} ${it.url}`));
    if (severity === "high" || severity === "critical") fail(`${severity}: ${name}: ${told.join(", ")}`);
  }
};

if (error !== undefined && "code" in error && error.code === "ETIMEDOUT")
  skip("the registry took too long to say whether there is an advisory");
else if (stderr.includes("audit endpoint returned an error")) skip("the registry answers no audit");
else {
  const report = parse(stdout);
  if (report?.vulnerabilities === undefined)
    fail(`npm audit said nothing that can be judged.\n${stdout}${stderr}`);
  else judge(Object.values(report.vulnerabilities));
}

function parse(text: string): { readonly vulnerabilities?: Record<string, Vulnerability> } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
