// What the tests of applications find in the log of their server.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Tests of applications";

export const rules: readonly Rule[] = [];

export const guards: readonly Guard[] = [
  [
    "src/testing/server.ts",
    'secrets.requireNoneIn(withoutDevelopersSecrets(log.join("")));',
    "",
    "secrets: a server that has logged a password, a cookie, a token or a link does not close in silence",
  ],
  [
    "src/testing/secrets.ts",
    "for (const secret of secretsIn(body)) note",
    "for (const secret of [] as string[]) note",
    "secrets: a password of Graphward's own fields is found in a log:",
  ],
  [
    "src/testing/secrets.ts",
    "if (argument) collect(",
    "if (!argument) found.push(String(valueFromASTUntyped(node.value, variables)));\n      else collect(",
    "secrets: what an application's own fields take, the application may log",
  ],
];
