import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApplication } from "../../src/application/application.ts";
import { type BrandDefinition, defineServer } from "../../src/package/index.ts";
import { startApplication } from "../harness/application.ts";
import type { App } from "../harness/server.ts";

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
const hostile = `A"><script>alert('1')</script> {{dir}} $& & Sons`;

let root: string;
let app: App;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "graphward-brand-"));
  await writeFile(join(root, "logo.svg"), svg);
  await writeFile(join(root, "page.svg"), "<!doctype html><svg></svg>");
  await writeFile(join(root, "large.svg"), svg.padEnd(103_000));
  app = await startApplication({
    brand: {
      name: hostile,
      logo: join(root, "logo.svg"),
      color: "#FD0",
      supportAddress: "help@example.com",
    },
  });
});
afterAll(async () => {
  await app?.close();
  await rm(root, { recursive: true });
});

const read = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await fetch(`${app.origin}${path}`, { headers, redirect: "manual" });
  return { headers: answer.headers, status: answer.status, text: await answer.text() };
};

const escaped = "A&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; {{dir}} $&amp; &amp; Sons";

describe("a brand's name", () => {
  test.each(["/account/reset", "/account/verify", "/account/confirm-address", "/account/undo-address"])(
    "is text on %s",
    async (path) => {
      const { text } = await read(path);
      expect(text).toContain(`<p class="service">${escaped}</p>`);
      expect(text).not.toContain("<script>");
      expect(text).not.toContain("alert('1')");
    },
  );

  test("is text in the explorer's title", async () => {
    const { text } = await read("/graphql", { accept: "text/html" });
    expect(text).toContain(`<title>${escaped}</title>`);
  });

  test("is text on the front page", async () => {
    const plain = await startApplication({ brand: { name: hostile } }, { EXPLORER: "off" });
    try {
      const answer = await fetch(plain.origin, { headers: { accept: "text/html" } });
      const text = await answer.text();
      expect(text).toContain(`<title>${escaped}</title>`);
      expect(text).not.toContain("<script>");
    } finally {
      await plain.close();
    }
  });
});

describe("a logo", () => {
  test("is served from memory, and runs no script when it is opened by itself", async () => {
    const { headers, text } = await read("/account/logo");
    expect(text).toBe(svg);
    expect(headers.get("content-type")).toBe("image/svg+xml");
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("opens the policy of the pages for our own images alone", async () => {
    const { headers, text } = await read("/account/reset");
    expect(text).toContain('<img class="logo" src="/account/logo" alt="" />');
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'",
    );
  });
});

test("a support address is a link on the pages", async () => {
  const { text } = await read("/account/reset");
  expect(text).toContain('<a href="mailto:help@example.com">help@example.com</a>');
});

/** WCAG 2.2, written again: the test must not share a mistake with the code. */
const contrast = (one: string, other: string) => {
  const luminance = (color: string) => {
    const linear = (at: number) => {
      const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

describe("a color is readable on both papers, and so is text on it", () => {
  test.each(["#FD0", "#ffffff", "#000000", "#777777", "#0b5cad", "#ff0000", "#00ff00", "#181d24"])(
    "%s",
    async (color) => {
      const { brand } = openApplication({ brand: { name: "Example", color } }, root).mail;
      for (const [paper, shades] of [
        ["#ffffff", brand.color?.onWhite],
        ["#181d24", brand.color?.onDark],
      ] as const) {
        expect(contrast(shades?.accent ?? "", paper)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(shades?.ground ?? "", shades?.text ?? "")).toBeGreaterThanOrEqual(4.5);
        expect(contrast(shades?.strong ?? "", shades?.text ?? "")).toBeGreaterThanOrEqual(4.5);
      }
    },
  );
});

test("the pages' style has the color in both schemes", async () => {
  const { text, headers } = await read("/account/page.css");
  expect(headers.get("content-type")).toBe("text/css; charset=utf-8");
  const grounds = [...text.matchAll(/--button: (#[0-9a-f]{6})/gi)].map(([, ground]) => ground);
  expect(grounds).toEqual(["#FFDD00", "#FFDD00"]);
});

describe("the start refuses a brand with", () => {
  const named = (rest: Partial<BrandDefinition>) => ({ name: "Example", ...rest });
  test.each<[string, unknown, string]>([
    ["no name", {}, "brand.name must have 1 to 60 visible characters, and no space at its ends."],
    ["an empty name", named({ name: "" }), "brand.name must have"],
    ["a name with a space at its end", named({ name: "Example " }), "brand.name must have"],
    ["a long name", named({ name: "x".repeat(61) }), "brand.name must have"],
    ["a name with a line break", named({ name: "Example\r\nBcc: a@example.com" }), "brand.name must have"],
    ["a name that turns the direction", named({ name: "Example \u202egnp" }), "brand.name must have"],
    ["a name with a hidden character", named({ name: "Exam\u200bple" }), "brand.name must have"],
    [
      "a color by its name",
      named({ color: "red" }),
      'brand.color must be a color such as #0b5cad, but is "red".',
    ],
    ["a color that is more", named({ color: "#fff;}body{display:none" }), "brand.color must be"],
    [
      "a support address that is none",
      named({ supportAddress: "help" }),
      'brand.supportAddress must be an email, but "help" is not valid.',
    ],
    [
      "a support address with a header",
      named({ supportAddress: "a@example.com?bcc=b@example.com" }),
      "brand.supportAddress must be",
    ],
    ["a logo that is not there", named({ logo: "none.png" }), "brand.logo cannot be read: "],
    [
      "a logo that is a page",
      named({ logo: "page.svg" }),
      "brand.logo must be a PNG, JPEG, WebP or SVG file of at most 100 KiB",
    ],
    ["a large logo", named({ logo: "large.svg" }), "brand.logo must be a PNG"],
    [
      "a key that does not exist",
      { ...named({}), colour: "#fff" },
      "brand has no key colour. It has: name, logo, color, supportAddress.",
    ],
  ])("%s", (_what, brand, line) => {
    expect(() => openApplication(defineServer({ brand: brand as BrandDefinition }), root)).toThrow(line);
  });
});
