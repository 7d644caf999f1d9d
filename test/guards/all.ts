// Every guard that docs/security.md relies on, by its chapters.
import { access } from "./access.ts";
import { crossSite } from "./cross-site.ts";
import { bruteForce, deployment, leaks } from "./limits.ts";
import { requestSmuggling } from "./request-smuggling.ts";
import type { Guard } from "./guard.ts";

export const guards: readonly Guard[] = [...crossSite, ...requestSmuggling, ...bruteForce, ...deployment, ...access, ...leaks];
