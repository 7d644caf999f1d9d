// Every guard that docs/security.md relies on, by its chapters.
import { crossSite } from "./cross-site.ts";
import type { Guard } from "./guard.ts";
import { identity } from "./identity.ts";
import { passwords } from "./passwords.ts";
import { sessions } from "./sessions.ts";

export const guards: readonly Guard[] = [...crossSite, ...sessions, ...passwords, ...identity];
