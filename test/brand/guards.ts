// Security rules of a brand, and their guards.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "Brand";

export const rules: readonly Rule[] = [
  [
    "A brand's name is text on every page and in every mail; one with hidden characters, or that turns the direction, stops the start",
    "V1.2.1",
    "brand: a brand's name",
    "brand: the start refuses a brand with",
    "mail/texts: are sent to readers of that language, on one line each, cut, and as text",
  ],
  [
    "A logo is an image by its content; an SVG that is opened by itself runs no script",
    "V1.3.4, V3.4.3",
    "brand: is served from memory, and runs no script when it is opened by itself",
    "brand: the start refuses a brand with",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/account-pages/frame.ts",
    '<p class="service">${escapeHtml(service)}</p>',
    '<p class="service">${service}</p>',
    "brand: a brand's name",
  ],
  ["src/account-pages/frame.ts", "`<p>${escapeHtml(text)}</p>`", "`<p>${text}</p>`", "brand: a brand's name"],
  ["src/explorer/serve.ts", "escapeHtml(name)", "name", "brand: is text in the explorer's title"],
  ["src/explorer/serve.ts", "() => title)", "title)", "brand: is text in the explorer's title"],
  ["src/http/front-page.ts", "escapeHtml(name)", "name", "brand: is text on the front page"],
  ["src/brand/brand.ts", "hasInvisibleCharacters(name)", "false", "brand: the start refuses a brand with"],
  [
    "src/brand/brand.ts",
    "supportAddress !== null && findEmailProblem(supportAddress) !== null",
    "false",
    "brand: the start refuses a brand with",
  ],
  ["src/brand/color.ts", "{1,2}$/i", "{1,2}/i", "brand: the start refuses a brand with"],
  [
    "src/brand/color.ts",
    "?? ink;",
    "&& color;",
    "brand: a color is readable on both papers, and so is text on it",
  ],
  [
    "src/brand/color.ts",
    "contrastOf(color, white) >= minContrast ? white : black",
    "white",
    "brand: a color is readable on both papers, and so is text on it",
  ],
  ["src/brand/logo.ts", "body.length > maxSize", "false", "brand: the start refuses a brand with"],
  [
    "src/brand/logo.ts",
    "/^\\s*(?:<\\?xml[^>]*\\?>\\s*)?(?:<!--.*?-->\\s*)*<svg[\\s>]/s.test(body.toString())",
    'body.includes("<svg")',
    "brand: the start refuses a brand with",
  ],
  [
    "src/account-pages/serve.ts",
    "frame-ancestors 'none'; sandbox",
    "frame-ancestors 'none'",
    "brand: is served from memory, and runs no script when it is opened by itself",
  ],
];
