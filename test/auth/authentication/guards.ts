// Security rules of authentication: two credentials in one request, stale caches, and mixed-up sessions.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Authentication";

export const rules: readonly Rule[] = [
  [
    "A revocation takes effect at once on the server that performed it, and on every other server within a fixed maximum time",
    "V7.4.1, V8.3.2",
    "cache: still forgets at once what it revokes itself",
    "cache: still forgets at once whose session a login replaced, or made room of",
    "cache: never stores what was read across a revocation, whoever's it was",
    "cache: neither stores nor serves while it could not hear, nor afterwards what it had",
    "cache: because its listener stalls without a word stops trusting its memory within its bound",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/database/notices/notices.ts",
    "hear(Math.min(Number(payload.slice(beat.length)), performance.now()));",
    "hear(Number(payload.slice(beat.length)));",
    "cache: a beat of the future, which any role of the database can send, is trusted no longer than one of now",
  ],
  [
    "src/database/notices/notices.ts",
    "if (isFresh()) for (const consumer of consumers)",
    "for (const consumer of consumers)",
    "cache: is not heard while no beat has come back: a revocation before it may be missing",
  ],
  [
    "src/database/notices/notices.ts",
    '      revoke("*");\n    }\n    heardBeatOf',
    "    }\n    heardBeatOf",
    "cache: a listener that begins to hear first has everything forgotten: nobody heard what was revoked before",
  ],
  [
    "src/database/notices/publish.ts",
    "if (Buffer.byteLength(payload) > maxPayload)",
    "if (false)",
    "cache: that PostgreSQL would not take, or that is no event, is refused before",
  ],
  [
    "src/auth/flows/logout.ts",
    "  services.viewers.forget(...userIds);\n",
    "",
    "cache: still forgets at once what it revokes itself",
  ],
  [
    "src/auth/sessions/start.ts",
    "services.viewers.forget(...owners);",
    "void owners;",
    "cache: still forgets at once whose session a login replaced, or made room of",
  ],
  [
    "src/auth/authentication/cache.ts",
    "if (before !== generation || !isFresh()) return;",
    "if (!isFresh()) return;",
    "cache: never stores what was read across a revocation, whoever's it was",
  ],
  [
    "src/auth/authentication/cache.ts",
    "if (before !== generation || !isFresh()) return;",
    "if (before !== generation) return;",
    "cache: neither stores nor serves while it could not hear, nor afterwards what it had",
  ],
  [
    "src/auth/authentication/cache.ts",
    "if (now < entry.idleEnd && now < entry.absoluteEnd) return entry;",
    "if (now < entry.idleEnd) return entry;",
    "cache: the memory of viewers",
  ],
  [
    "src/auth/authentication/cache.ts",
    "now: readClock = () => performance.now()",
    "now: readClock = () => Date.now()",
    "cache: is counted down by a clock that nobody can set",
  ],
  [
    "src/auth/authentication/cache.ts",
    "if (!isFresh() && entries.size > 0) forget(everybody);",
    "",
    "cache: neither stores nor serves while it could not hear, nor afterwards what it had",
  ],
  [
    "src/database/notices/notices.ts",
    "const deafAfter = seconds(3);",
    "const deafAfter = seconds(60);",
    "cache: because its listener stalls without a word stops trusting its memory within its bound",
  ],
  [
    "src/auth/sessions/rows.ts",
    " end, absolute_expires_at)`",
    " end)`",
    "who-is-calling: is prolonged by a use, never past its absolute end, and written down once a minute at most",
  ],
  [
    "src/auth/authentication/authorization-header.ts",
    "if (placeholder.test(value)) throw placeholderBearer();",
    "if (placeholder.test(value)) return null;",
    "who-is-calling: an Authorization header",
  ],
  [
    "src/auth/authentication/authorization-header.ts",
    "const noCredential = /^(?:(?:Bearer|Token) *)?$/i;",
    "const noCredential = /^(?:(?:Bearer|Token|Basic)\\b.*)?$/i;",
    "who-is-calling: an Authorization header",
  ],
  [
    "src/auth/authentication/authorization-header.ts",
    "if (isOurs && value === undefined) refuseMisplaced(request);",
    "",
    "token-header: in Authorization is refused, and the answer names the setting",
  ],
  [
    "src/auth/authentication/authorization-header.ts",
    "const isOurs = name !== authorization;",
    "const isOurs = true;",
    "who-is-calling: an Authorization header",
  ],
  [
    "src/auth/authentication/authorization-header.ts",
    "      if (countOf(request.rawHeaders, name) !== 1) throw invalidBearer();\n",
    "",
    "who-is-calling: that comes twice refuses the request, whichever of the two is good",
  ],
  [
    "src/http/request/log.ts",
    "path: loggedPathOf(url),",
    'path: request.headers.authorization ?? "",',
    "who-is-calling: an Authorization header",
  ],
];
