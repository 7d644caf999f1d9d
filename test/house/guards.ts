// Security rules of the dependencies: packages from other places, install scripts and known advisories.
import type { Guard, Rule } from "./guard.ts";

export const heading = "Dependencies";

export const rules: readonly Rule[] = [
  [
    "The lockfile pins every package by SHA-512 and from the registry, and only listed packages run an install script",
    "V15.2.4, V15.1.2",
    "dependencies: is refused when a package has no integrity, or a weak one",
    "dependencies: is refused when a package comes from a place of its own, or under another's name",
    "dependencies: is refused when a package has an install script that is not on the list",
    "dependencies: is refused when it is not what package.json asks for",
    "dependencies: is refused when a package is not the version that it is overridden with",
  ],
  [
    "A published advisory of level high or above for a production dependency fails the check",
    "V15.2.1",
    "dependencies: fail the check from the level high on",
    "dependencies: concern nobody in what only tests need",
    "dependencies: are not taken for absent when npm says something else",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/resolvers/credentials/session.ts",
    "sessions(@CurrentViewer() viewer: Viewer, @Ctx() { database }: Context) {\n    return listSessions(database, viewer);",
    "sessions(@CurrentViewer() viewer: Viewer, @Ctx() { services }: Context) {\n    return services.readList((database) => listSessions(database, viewer));",
    "architecture: reading from a replica: lists of users, the audit trail, exports, and nothing that decides",
  ],
  [
    "scripts/lockfile.ts",
    "^sha512-[A-Za-z0-9+/]{86}==$",
    "^sha",
    "dependencies: is refused when a package has no integrity, or a weak one",
  ],
  [
    "scripts/lockfile.ts",
    "locked.resolved !== undefined || locked.link === true",
    "locked.resolved !== undefined",
    "dependencies: is refused when a package comes from a place of its own, or under another's name",
  ],
  [
    "scripts/lockfile.ts",
    "manifest.allowScripts?.[nameOf(path)] === undefined",
    "manifest.allowScripts === undefined",
    "dependencies: is refused when a package has an install script that is not on the list",
  ],
  [
    "scripts/lockfile.ts",
    "packages[`node_modules/${name}`]?.version !== version",
    "packages[`node_modules/${name}`] === undefined && version !== undefined",
    "dependencies: is refused when it is not what package.json asks for",
  ],
  [
    "scripts/lockfile.ts",
    "nameOf(path) === name && locked.version !== version",
    "path === `node_modules/${name}` && locked.version !== version",
    "dependencies: is refused when a package is not the version that it is overridden with",
  ],
  [
    "scripts/advisories.ts",
    'severity === "high" || severity === "critical"',
    'severity === "critical"',
    "dependencies: fail the check from the level high on",
  ],
  ["scripts/advisories.ts", '  "--omit=dev",\n', "", "dependencies: concern nobody in what only tests need"],
  [
    "scripts/advisories.ts",
    'stderr.includes("audit endpoint returned an error")',
    'stderr !== ""',
    "dependencies: are not taken for absent when npm says something else",
  ],
];
