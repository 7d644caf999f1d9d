import { describe, expect, test } from "vitest";
import { findReturnUrl } from "../../../src/auth/providers/return-to.ts";
import { foreignPlaces } from "./foreign-places.ts";

const places = {
  publicUrl: new URL("https://api.example.com"),
  origins: new Set(["https://api.example.com", "https://app.example.com"]),
};

describe("a login leads back to", () => {
  test.each([
    ["/", "https://api.example.com/"],
    ["/a/b?c=d#e", "https://api.example.com/a/b?c=d#e"],
    ["/a/../b", "https://api.example.com/b"],
    ["/%2f%2fevil.example", "https://api.example.com/%2f%2fevil.example"],
    ["https://app.example.com", "https://app.example.com/"],
    ["https://app.example.com/x?u=https://evil.example", "https://app.example.com/x?u=https://evil.example"],
    ["HTTPS://APP.example.com/", "https://app.example.com/"],
  ])("%s", (text, url) => {
    expect(findReturnUrl(text, places)).toBe(url);
  });
});

describe("a login never leads to", () => {
  test.each(foreignPlaces)("%j", (text) => {
    expect(findReturnUrl(text, places)).toBeNull();
  });
});
