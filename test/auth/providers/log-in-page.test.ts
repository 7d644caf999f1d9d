import type { Express } from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApplication } from "../../harness/application.ts";
import { type App, startApp } from "../../harness/server.ts";
import { foreignPlaces } from "./foreign-places.ts";

let app: App;

const provider = (id: string, name: string) => ({
  id,
  name,
  issuer: "https://id.example.com",
  clientId: "client",
  clientSecret: "a-secret-of-the-provider",
});

beforeAll(async () => {
  app = await startApp({
    PUBLIC_URL: "https://api.example.com",
    LOGIN_RETURN_TO: "https://app.example.com",
    IDENTITY_PROVIDERS: JSON.stringify([provider("one", 'First "<b>&$&'), provider("two", "Second")]),
  });
});
afterAll(() => app.close());

const open = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${app.server.port}${path}`, { redirect: "manual", ...init });
const pageFor = async (returnTo: string) => open(`/login?${new URLSearchParams({ return_to: returnTo })}`);
const linksIn = (html: string) =>
  [...html.matchAll(/<a class="way" href="([^"]*)">([^<]*)</g)].map(([, to, text]) => [to, text]);

describe("the page to log in", () => {
  test("links to each provider, in the order of the settings, with a name that is text", async () => {
    const html = await (await open("/login")).text();
    expect(linksIn(html)).toEqual([
      ["/login/one", "Log in with First &quot;&lt;b&gt;&amp;$&amp;"],
      ["/login/two", "Log in with Second"],
    ]);
    expect(html).toContain('data-return-to="/"');
    expect(html).not.toContain("a-secret-of-the-provider");
    const german = await open("/login", { headers: { "accept-language": "de" } });
    expect(linksIn(await german.text())[1]).toEqual(["/login/two", "Mit Second anmelden"]);
  });

  test("hands a place that a login may lead to on to the providers and to its script, as text", async () => {
    const html = await (await pageFor(`https://app.example.com/a?b="><script>&c='d`)).text();
    const place = "https://app.example.com/a?b=%22%3E%3Cscript%3E&amp;c=%27d";
    expect(html).toContain(`data-return-to="${place}"`);
    const [[to = ""] = []] = linksIn(html);
    const url = new URL(to.replaceAll("&amp;", "&"), "https://api.example.com");
    expect(url.searchParams.get("return_to")).toBe(place.replaceAll("&amp;", "&"));
    expect(html).not.toContain("<script>");
    expect(await (await pageFor("/graphql?x=1#y")).text()).toContain(
      'data-return-to="https://api.example.com/graphql?x=1#y"',
    );
  });

  test("hands on that a provider is to ask the user again, and no other wish", async () => {
    const linksFor = async (query: string) => linksIn(await (await open(`/login${query}`)).text())[0]?.[0];
    expect(await linksFor("?prompt=login")).toBe("/login/one?prompt=login");
    expect(await linksFor("?prompt=login&return_to=/there")).toBe(
      "/login/one?prompt=login&amp;return_to=https%3A%2F%2Fapi.example.com%2Fthere",
    );
    for (const other of ["none", "LOGIN", "login%20consent", "%22%3E%3Cscript%3E"])
      expect(await linksFor(`?prompt=${other}`)).toBe("/login/one");
    // The page of an account whose login is too long ago leads here.
    const page = await (await open("/account/identities")).text();
    expect(page).toContain('"/login?prompt=login&amp;return_to=%2Faccount%2Fidentities"');
    expect(page).toContain('"/login?return_to=%2Faccount%2Fidentities"');
  });

  test("quotes no other place, and offers no login that leads there", async () => {
    for (const place of foreignPlaces) {
      const answer = await pageFor(place);
      const html = await answer.text();
      expect([place, answer.status]).toEqual([place, 400]);
      expect(html).toContain("This link is not right");
      expect(html).not.toMatch(/evil|alert|<form|<script|<a /);
      expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
  });

  test("has forms for the ways in that the service offers, and no other", async () => {
    const only = await startApp({ PASSWORD_LOGIN: "off", PASSKEYS: "off", LOGIN_CODES: "on" });
    try {
      const formsIn = (html: string) =>
        [...html.matchAll(/<form data-state="(\w+)"/g)].map(([, name]) => name);
      const html = await (await fetch(`${only.origin}/login`)).text();
      expect(formsIn(html)).toEqual(["ask", "mail", "mailed", "second"]);
      expect(html).not.toMatch(/class="way"|data-log-in-passkey|current-password/);
      const usual = await (await open("/login")).text();
      expect(formsIn(usual)).toEqual(["ask", "reset", "second"]);
      expect(usual).toContain("data-log-in-passkey");
      expect(usual).toContain("current-password");
    } finally {
      await only.close();
    }
  });

  test("gives way to a page of the application at this path", async () => {
    const routes = (own: Express) => own.get("/login", (_request, response) => void response.send("ours"));
    const application = await startApplication({ routes });
    try {
      expect(await (await fetch(`${application.origin}/login`)).text()).toBe("ours");
    } finally {
      await application.close();
    }
  });
});
