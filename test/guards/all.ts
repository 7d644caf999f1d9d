// Every guard that docs/security.md relies on, by its chapters.
import { access } from "./access.ts";
import { crossSite } from "./cross-site.ts";
import { documents } from "./documents.ts";
import type { Guard } from "./guard.ts";
import { http } from "./http.ts";
import { bruteForce, deployment, leaks } from "./limits.ts";
import { requestSmuggling } from "./request-smuggling.ts";

export const guards: readonly Guard[] = [
  ...http,
  ...requestSmuggling,
  ...crossSite,
  ...documents,
  ...bruteForce,
  ...deployment,
  ...access,
  ...leaks,
];
