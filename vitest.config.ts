import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { minutes, seconds } from "./src/time.ts";

/** Each in a process of its own, with the real costs of hashing: they test these costs, add fields to our types, or use up what a process keeps. */
const alone = [
  "test/application/{definition,embedding,users}.test.ts",
  "test/auth/access/{lock,own,own-rules,rules,schema-views}.test.ts",
  "test/auth/passwords/*.test.ts",
  "test/database/kept-plans.test.ts",
  "test/fast-path/*.test.ts",
  "test/graphql/{documents,error-masking,suggestions}.test.ts",
  "test/schema/plain-fields.test.ts",
];

/** Each takes many seconds: servers and databases of its own, registries that are silent, hundreds of arguments. */
const manyProcesses = [
  "test/auth/audit/keeping.test.ts",
  "test/auth/text/{arguments,typed-text}.test.ts",
  "test/backup/{backup,keeping-page}.test.ts",
  "test/cli/{access-token-commands,application,check-providers,command-line,doctor,explain,first-account,migration,seed,process,restored,stale-build,start,start-refusals,testing-page,user-commands}.test.ts",
  "test/database/{beyond-requests,clock,defaults,descriptors,earlier-version,embedded-postgres,failing-statements,failover,interrupted-start,own-schema,patience,rights,shell-variables,silent-database,two-environments}.test.ts",
  "test/house/dependencies.test.ts",
  "test/log/{output,uncaught}.test.ts",
  "test/http/draining.test.ts",
  "test/mail/{mail-delivery,mail-process,strict-relay}.test.ts",
  "test/process/workers.test.ts",
  "test/schema/extending.test.ts",
  "test/tracing/traces.test.ts",
  "test/upgrades/{newer-database,upgrade,version-before}.test.ts",
];

/** They pack and install, as outsiders do: they need the registry, and npm or pnpm. */
const packages = ["test/package/{npm,pnpm}.test.ts"];

// Everything but the browser's tests needs Node and npm only.
const server = {
  name: "server",
  include: ["test/**/*.test.ts"],
  exclude: [
    "test/browser/**",
    "test/environments/**",
    "test/faults/**",
    ...packages,
    ...alone,
    ...manyProcesses,
  ],
  setupFiles: ["test/harness/logs/search-logs.ts", "test/harness/end-processes.ts"],
  // A worker loads what the files share once, and not for each of them.
  isolate: false,
  alias: [
    { find: "./hash-costs.ts", replacement: join(import.meta.dirname, "src/testing/cheap-hash-costs.ts") },
  ],
};
const serverAlone = {
  name: "server alone",
  include: alone,
  setupFiles: ["test/harness/logs/search-logs.ts", "test/harness/end-processes.ts"],
};
/** For a change of the command line, of the start and the end of a server, and of how it reaches its database. */
const processes = { ...server, name: "processes", include: manyProcesses, exclude: [] };
/** Random tests with more runs than anybody waits for: before a change of how sessions end, and before a release. */
const long = {
  ...server,
  name: "long",
  include: ["test/auth/sessions/model.test.ts", "test/auth/text/typed-text.test.ts"],
  env: { RUNS_FACTOR: "25" },
};
const browser = { name: "browser", include: ["test/browser/**/*.test.ts"] };
// Proxies, poolers and databases of Debian, as operators run them around the server.
const environments = {
  name: "environments",
  include: ["test/environments/**/*.test.ts"],
  setupFiles: ["test/harness/end-processes.ts"],
  alias: server.alias,
};
// Minutes of kill -9: for a change of how things are written down, and before a release.
const faults = { name: "faults", include: ["test/faults/**/*.test.ts"] };

/** Its tests as its own Vitest runs them, but on the sources of the package. */
const example = {
  name: "example",
  include: ["examples/team-tasks/test/*.test.ts"],
  setupFiles: ["test/harness/in-example.ts"],
  alias: server.alias,
};

const packed = { name: "package", include: packages, fileParallelism: false };

export default defineConfig({
  // The entities are written with decorators of the older proposal, which type-graphql reads.
  oxc: { decorator: { legacy: true } },
  resolve: {
    alias: [
      // The copy that Node itself resolves: two copies of graphql refuse each other's schemas.
      { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) },
      // For the applications in `examples`, which import what is installed.
      { find: /^graphward$/, replacement: join(import.meta.dirname, "src/package/index.ts") },
      { find: /^graphward\/(\w+)$/, replacement: join(import.meta.dirname, "src/package/$1.ts") },
    ],
  },
  test: {
    setupFiles: ["test/harness/compiled.ts", "reflect-metadata"],
    globalSetup: ["src/testing/cluster.ts", "test/harness/database/partition-template.ts"],
    testTimeout: minutes(1),
    hookTimeout: minutes(2),
    teardownTimeout: seconds(20),
    // As long as our own `until` waits: a second is too short for a browser on a busy machine.
    expect: { poll: { timeout: seconds(20) } },
    // Much of it waits for processes and databases: one worker more than there are cores.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { extends: true, test: server },
      { extends: true, test: serverAlone },
      { extends: true, test: processes },
      { extends: true, test: long },
      { extends: true, test: browser },
      { extends: true, test: environments },
      { extends: true, test: faults },
      { extends: true, test: example },
      { extends: true, test: packed },
    ],
  },
});
