import { describe, expect, test } from "vitest";
import { requireMay } from "../../../src/auth/viewer/ownership.ts";
import type { Viewer } from "../../../src/auth/viewer/viewer.ts";

const viewer = (permissions: string[], roles: string[] = []) =>
  ({ userId: "owner", roles, permissions }) as unknown as Viewer;
const ofNotes = { toSee: "notes:read", toChange: "notes:moderate" } as const;

const judge = (act: "see" | "change", who: Viewer, ownerId: string | null) => {
  try {
    requireMay(act, who, { ownerId, ...ofNotes });
    return "passes";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("what belongs to somebody", () => {
  test.each([
    ["the owner", viewer([]), "owner", "passes", "passes"],
    ["somebody else", viewer([]), "another", "NOT_FOUND", "NOT_FOUND"],
    ["whoever may see", viewer(["notes:read"]), "another", "passes", "FORBIDDEN"],
    ["whoever may change, and so sees", viewer(["notes:moderate"]), "another", "passes", "passes"],
    ["an administrator", viewer([], ["ADMIN"]), "another", "passes", "passes"],
    [
      "anybody, of what is not there",
      viewer(["notes:read", "notes:moderate"]),
      null,
      "NOT_FOUND",
      "NOT_FOUND",
    ],
  ])(
    "%s: what is not visible is not there, what is visible may be refused",
    (_who, who, ownerId, see, change) => {
      expect([judge("see", who, ownerId), judge("change", who, ownerId)]).toEqual([see, change]);
    },
  );

  test("without a permission to name, only the owner may", () => {
    expect(() => requireMay("see", viewer(["notes:read"]), { ownerId: "another" })).toThrow("Not found.");
  });
});
