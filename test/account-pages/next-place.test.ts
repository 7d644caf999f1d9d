import { describe, expect, test } from "vitest";
import { findNextPlace } from "../../src/account-pages/page/next-place.ts";

const origin = "https://api.example.com";

test("a completed login leads on to the server's own way back, which judges the place", () => {
  const next = "/login/honest/return?return_to=https%3A%2F%2Fapp.example.com%2F";
  expect(findNextPlace(next, origin)).toBe(origin + next);
});

describe("a link to the page that completes a login never leads to", () => {
  test.each([
    "",
    "/",
    "//evil.example/login/x/return",
    "///evil.example/login/x/return",
    "\\\\evil.example/login/x/return",
    "/\\evil.example/login/x/return",
    "/\t/evil.example/login/x/return",
    "https://evil.example/login/x/return",
    "https:evil.example/login/x/return",
    "https://api.example.com@evil.example/login/x/return",
    "https://api.example.com.evil.example/login/x/return",
    "http://api.example.com/login/x/return",
    "https://api.example.com:8443/login/x/return",
    "javascript:alert(1)//login/x/return",
    "javascript://api.example.com/login/x/return",
    "data:text/html,/login/x/return",
    "blob:https://api.example.com/login/x/return",
    "/login",
    "/login/x",
    "/login/x/callback?code=1&state=2",
    "/login/x/return/",
    "/login/x/return/../callback",
    "/login/x/y/return",
    "/login/%2e%2e/return",
    "/account/identities",
    "/graphql?query={logout}",
    "/x?/login/x/return",
    "/x#/login/x/return",
  ])("%j", (next) => {
    expect(findNextPlace(next, origin)).toBeNull();
  });
});
