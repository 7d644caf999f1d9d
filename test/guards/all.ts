// Every guard that docs/security.md relies on, by its chapters.

import type { Guard } from "../house/guard.ts";
import { access } from "./access.ts";
import { audit } from "./audit.ts";
import { crossSite } from "./cross-site.ts";
import { documents } from "./documents.ts";
import { http } from "./http.ts";
import { identity } from "./identity.ts";
import { bruteForce, deployment, leaks } from "./limits.ts";
import { logs } from "./logs.ts";
import { passwords } from "./passwords.ts";
import { requestSmuggling } from "./request-smuggling.ts";
import { sessions } from "./sessions.ts";

export const guards: readonly Guard[] = [
  ...http,
  ...requestSmuggling,
  ...crossSite,
  ...documents,
  ...sessions,
  ...passwords,
  ...identity,
  ...bruteForce,
  ...deployment,
  ...access,
  ...leaks,
  ...logs,
  ...audit,
];
