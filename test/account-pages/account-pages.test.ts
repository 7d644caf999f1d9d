import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtAccountPages } from "../../src/account-pages/serve.ts";
import { readConfig } from "../../src/config/config.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Links in mails lead to these. */
const linked = ["verify", "reset", "confirm-address", "undo-address", "login"];
const pages = [...linked, "complete", "second-factor", "identities", "../login"];
const scripts: Readonly<Record<string, string>> = {
  login: "sign-in.js",
  complete: "sign-in.js",
  "second-factor": "second-factor.js",
  identities: "identities.js",
  "../login": "log-in.js",
};
const images: Readonly<Record<string, string>> = { "second-factor": "; img-src data:" };
const open = (path: string, request: RequestInit = {}) => fetch(`${app.origin}/account/${path}`, request);
const codeOf = async (answer: Response) =>
  ((await answer.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;

/** What a page and its files load, by their paths. */
const loadedBy = (text: string) =>
  [...text.matchAll(/(?:src|href|from|import)\s*[=(]?\s*"([^"]+)"/g)].map(([, path]) => path ?? "");

test("the links of mails open pages that are there", async () => {
  const { links } = readConfig({}).mail;
  expect(Object.values(links).map((link) => new URL(link).pathname.replace("/account/", ""))).toEqual(linked);
  for (const [name, link] of Object.entries(links))
    expect(new URL(link).hash).toBe(name === "login" ? "#token={token}&code={code}" : "#token={token}");
});

describe.each(pages)("/account/%s", (page) => {
  test("answers GET and HEAD with a page that is not kept, framed or referred from", async () => {
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await open(page, { method });
      expect(status).toBe(200);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy":
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
          `form-action 'none'; base-uri 'none'; frame-ancestors 'none'${images[page] ?? ""}`,
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "x-robots-tag": "noindex",
      });
      expect([headers.get("etag"), headers.get("last-modified"), headers.getSetCookie()]).toEqual([
        null,
        null,
        [],
      ]);
    }
  });

  test("refuses every other method with a JSON 405 that says which are allowed", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const answer = await open(page, { method });
      expect([method, answer.status, answer.headers.get("allow")]).toEqual([method, 405, "GET, HEAD"]);
      expect(await codeOf(answer)).toBe("METHOD_NOT_ALLOWED");
    }
  });

  test("holds no script or style of its own, and loads only files of ours that are there", async () => {
    const html = await (await open(page)).text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
    const loaded = loadedBy(html.replaceAll(/<a [^>]*>/g, ""));
    expect(loaded).toEqual(["/account/page.css", `/account/${scripts[page] ?? "main.js"}`]);
  });

  test("says what it needs, and has a name for its language, its width and its field", async () => {
    const html = await (await open(page)).text();
    expect(html).toMatch(/<noscript>.*needs JavaScript/);
    expect(html).toMatch(/<html lang="en" dir="ltr">/);
    expect(html).toMatch(/name="viewport" content="width=device-width, initial-scale=1"/);
    const ids = [...html.matchAll(/<input\s[^>]*id="([^"]+)"/g)].map(([, id]) => id);
    for (const id of ids) expect(html).toContain(`<label for="${id}">`);
    // An id stands once, and what describes a field is there.
    const all = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(all).size).toBe(all.length);
    for (const [, described = ""] of html.matchAll(/aria-describedby="([^"]+)"/g))
      for (const id of described.split(" ")) expect(all).toContain(id);
    expect(html.match(/<img(?![^>]*\salt=)/g)).toBeNull();
    // One state is shown, and each begins with its heading.
    const states = [...html.matchAll(/<(?:form|section) data-state="[^>]*>\s*<h1 tabindex="-1">/g)];
    expect(states.length).toBe([...html.matchAll(/data-state=/g)].length);
    expect(states.filter(([state]) => !/\shidden>/.test(state))).toHaveLength(1);
  });
});

test("the files of the pages are typed, not kept, and name no other host", async () => {
  const names = (await readdir(builtAccountPages)).filter((name) => /\.(?:js|css)$/.test(name));
  expect(names).toEqual(expect.arrayContaining(["main.js", ...Object.values(scripts), "page.css"]));
  for (const name of names) {
    const answer = await open(name);
    expect([name, answer.status, answer.headers.get("cache-control")]).toEqual([name, 200, "no-store"]);
    expect(answer.headers.get("content-type")).toMatch(/^text\/(?:css|javascript); charset=utf-8$/);
    const text = await answer.text();
    expect(text).toBe(await readFile(join(builtAccountPages, name), "utf8"));
    expect(text).not.toMatch(
      /https?:|["'(]\/\/|\b(?:localStorage|sessionStorage|indexedDB|eval|innerHTML)\b/,
    );
    for (const path of loadedBy(text)) expect((await open(path.replace("./", ""))).status).toBe(200);
  }
});

test("what is not there is a JSON 404, whatever the method", async () => {
  for (const path of [
    "",
    "verify/",
    "verify.html",
    "unknown",
    "tsconfig.json",
    "main.ts",
    "..%2f..%2fserver.js",
    "constructor",
  ])
    for (const method of ["GET", "POST"]) {
      const answer = await open(path, { method });
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 404, "NOT_FOUND"]);
    }
});

test("production serves them too, without the explorer, and says HSTS on https", async () => {
  const production = await startApp({
    NODE_ENV: "production",
    PUBLIC_URL: "https://api.example.com",
    EXPLORER: "off",
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${production.server.port}/account/reset`);
    expect([answer.status, answer.headers.get("strict-transport-security")]).toEqual([
      200,
      "max-age=31536000; includeSubDomains",
    ]);
  } finally {
    await production.close();
  }
});

test("a link in another site's mail reader opens the page, and no script of that site reads it", async () => {
  // Node's fetch sets sec-fetch-mode itself.
  const sent = get(`${app.origin}/account/verify`, {
    headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", accept: "text/html" },
  });
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.resume();
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);

  const read = await open("verify", { headers: { origin: "https://evil.example" } });
  expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([403, null]);
});
