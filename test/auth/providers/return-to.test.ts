import { describe, expect, test } from "vitest";
import { findReturnUrl } from "../../../src/auth/providers/return-to.ts";

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
  test.each([
    "",
    "x",
    "evil.example",
    "//evil.example",
    "//api.example.com/",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\u0000/evil.example",
    "/\u00a0/evil.example",
    "/\u200b/evil.example",
    "/\u2028/evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/./..//evil.example",
    "/x/..//evil.example",
    "/%2e//evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "http://app.example.com/",
    "https://app.example.com:8443/",
    "https://app.example.com.evil.example/",
    "https://evil.example/https://app.example.com",
    "https://app.example.com@evil.example/",
    "https://user:password@app.example.com/",
    "https://user@app.example.com/",
    "https://app.example.com\\@evil.example/",
    "https://app.example.com\\.evil.example/",
    "https://APP.EXAMPLE.COM.",
    "https://xapp.example.com/",
    "https://ａpp.example.com.evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt://app.example.com/%0aalert(1)",
    "data:text/html,x",
    "blob:https://app.example.com/x",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://app.example.com/",
    "capacitor://localhost",
    `/${"a".repeat(2000)}`,
  ])("%j", (text) => {
    expect(findReturnUrl(text, places)).toBeNull();
  });
});
