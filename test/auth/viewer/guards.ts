// Security rules of ownership: the rows of another user.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Ownership";

export const rules: readonly Rule[] = [
  [
    "A row that the viewer may not see is NOT_FOUND; a row that the viewer may see but not change is FORBIDDEN",
    "V8.2.2",
    "ownership: what belongs to somebody",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/viewer/ownership.ts",
    "if (ownerId === null || !maySee) throw notFound();",
    "if (ownerId === null) throw notFound();\n  if (!maySee) throw forbidden();",
    "ownership: what belongs to somebody",
  ],
  [
    "src/auth/viewer/ownership.ts",
    'if (act === "change" && !mayChange) throw forbidden();',
    "",
    "ownership: what belongs to somebody",
  ],
  [
    "src/auth/viewer/ownership.ts",
    "const maySee = mayChange || holds(toSee);",
    "const maySee = holds(toSee);",
    "ownership: what belongs to somebody",
  ],
  [
    "src/auth/viewer/ownership.ts",
    "permission !== undefined && hasPermission(viewer, permission)",
    'hasPermission(viewer, permission ?? "notes:read")',
    "ownership: what belongs to somebody",
  ],
];
