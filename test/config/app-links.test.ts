import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { problemsOf, production } from "../harness/configuration.ts";

const linksOf = (text?: string) =>
  readConfig(text === undefined ? {} : { LOGIN_APP_LINKS: text }).loginAppLinks;

describe("links to apps", () => {
  test("are none without the setting", () => {
    expect(linksOf()).toEqual([]);
  });

  test("are https links, links of a scheme with a dot, and loopback ones of any port", () => {
    const links = [
      "https://app.example.com/login",
      "https://app.example.com:8443/",
      "com.example.app:/login",
      "com.example.app://login",
      "com.googleusercontent.apps.123-abc:/back",
      "http://127.0.0.1/back",
      "http://[::1]/",
    ];
    expect(linksOf(links.join(" , "))).toEqual(links);
    expect(problemsOf({ ...production, LOGIN_APP_LINKS: links.join() })).toEqual([]);
  });
});

describe("are not what another app, a page or a script could be", () => {
  test.each([
    "javascript:alert(1)",
    "javascript:/alert(1)",
    "java.script",
    "data:text/html",
    "file:///etc/passwd",
    "blob:https://app.example.com/x",
    "intent://login",
    "app:/login",
    "exampleapp://login",
    "com.example.app:login",
    "com.example.app",
    ".example:/login",
    "com..example:/login",
    "COM.example.app:/login",
    "com.example.app:/a/../login",
    "com.example.app:/login?x=1",
    "com.example.app:/login#x",
    "com.example.app:/*",
    "com.example.app://user@login",
    "com.example.app:/lo\tgin",
    "https://app.example.com",
    "https://APP.example.com/login",
    "https://app.example.com:443/login",
    "https://app.example.com/login?",
    "https://app.example.com/login#",
    "https://*.example.com/login",
    "https://user@app.example.com/login",
    "https://app.example.com\\login",
    "https://app.example.com/a/../login",
    "http://app.example.com/login",
    "http://localhost/login",
    "http://127.0.0.1:8080/login",
    "http://127.0.0.1.evil.example/login",
    "http://127.0.0.2/login",
    "/login",
    "*",
  ])("%j: one line at the start says so", (link) => {
    expect(problemsOf({ LOGIN_APP_LINKS: `com.example.app:/login,${link}` })).toEqual([
      `LOGIN_APP_LINKS: ${JSON.stringify(link)} must be a link such as https://app.example.com/login, com.example.app:/login or http://127.0.0.1/login, without a query`,
    ]);
  });

  test("and are at least one where the setting is set", () => {
    expect(problemsOf({ LOGIN_APP_LINKS: "," })).toEqual(["LOGIN_APP_LINKS: must name a link"]);
  });
});
