// What keeps secrets, texts of users and forged lines out of every log.
import type { Guard } from "./guard.ts";

const requests = "src/http/request-log.ts";
const secrets = "no secret, no variable and no literal is in the log at its loudest, nor in PostgreSQL's";
const failures = "a statement that fails tells PostgreSQL's log what failed, and no value:";

export const logs: readonly Guard[] = [
  {
    file: requests,
    code: "          userId,\n          actorId,\n",
    broken: "          actorId,\n",
    test: "log",
    title: "each request is one line with id, address, user, operation and outcome",
  },
  {
    file: requests,
    code: "path: pathOf(url).slice(0, longestPath)",
    broken: "path: url.slice(0, longestPath)",
    test: "log",
    title: secrets,
  },
  {
    file: requests,
    code: "outcomes: outcomes.size > 0 ? [...outcomes] : undefined,",
    broken: "outcomes: undefined,",
    test: "log",
    title: "a refusal or a limit is a line with its code and the address",
  },
  {
    file: requests,
    code: "          userId,\n          actorId,\n",
    broken: "          actorId,\n",
    test: "log",
    title: "what a user may not do is a line that names the user",
  },
  {
    file: requests,
    code: "path: pathOf(url).slice(0, longestPath)",
    broken: "path: decodeURIComponent(pathOf(url)).slice(0, longestPath)",
    test: "forged-lines",
    title: "as JSON, whatever a client sends",
  },
  {
    file: "src/log.ts",
    code: "pretty({ sync: true, singleLine: true,",
    broken:
      "pretty({ sync: true, singleLine: true, customPrettifiers: { path: (path) => decodeURIComponent(String(path)) },",
    test: "forged-lines",
    title: "on a terminal, whatever a client sends",
    isBuilt: true,
  },
  {
    file: "src/database/embedded/settings.ts",
    code: 'log_error_verbosity: "terse"',
    broken: 'log_error_verbosity: "default"',
    test: "failing-statements",
    title: failures,
  },
];
