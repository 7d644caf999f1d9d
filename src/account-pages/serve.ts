// Serves the account pages, each with a content security policy that allows only its own script, style and API calls.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Request, RequestHandler, Response } from "express";
import type { Brand } from "../brand/brand.ts";
import type { BrandColor, Shades } from "../brand/color.ts";
import { methodNotAllowed } from "../errors.ts";
import type { HeaderList } from "../http/response.ts";
import { english, findLanguage } from "../languages.ts";
import type { Surroundings } from "./frame.ts";
import { type StaticPage, writeHtml } from "./layout.ts";
import { type GivenPageTexts, type SpokenPage, writePages } from "./texts/languages.ts";

/** The output of `npm run build`; two levels up is the project, from src and from dist. */
export const builtAccountPages = join(import.meta.dirname, "../../dist/account-pages/page");

/** Mount it at `/account`. Unknown paths go to the next handler. */
export const accountPages = (
  directory: string,
  headersOfPages: HeaderList,
  { texts, defaultLanguage, ...surroundings }: PageSurroundings,
): RequestHandler => {
  const { brand } = surroundings;
  const files = readFiles(directory, brand);
  const languages = writePages(texts, surroundings);
  const pages = new Map(
    [...languages].map(([language, spoken]) => [
      language,
      new Map(spoken.filter(isStatic).map((it) => [`/${it.page}`, Buffer.from(writeHtml(it, surroundings))])),
    ]),
  );
  const available = [...pages.keys()];
  const findPage = (request: Request): Buffer | undefined =>
    pages.get(findPageLanguage(request, { available, defaultLanguage }))?.get(request.path);
  return (request, response, next) => {
    // Looked up in a map and never joined to a directory: no path traversal.
    const file = files.get(request.path);
    const body = file?.body ?? findPage(request);
    if (body === undefined) return next();
    if (request.method !== "GET" && request.method !== "HEAD") return next(methodNotAllowed("GET, HEAD"));
    sendPage(
      response,
      { ...file, body, policy: file?.policy ?? policyOf(request.path, brand) },
      headersOfPages,
    );
  };
};

const isStatic = (spoken: SpokenPage): spoken is StaticPage => spoken.page !== "sign-in";

/** The browser's languages are a list of its own text: a long one is cut. */
export const findPageLanguage = (
  request: Request,
  { available, defaultLanguage }: { readonly available: readonly string[]; readonly defaultLanguage: string },
): string => {
  const wanted = [...request.acceptsLanguages().slice(0, maxLanguages), defaultLanguage, english];
  return findLanguage(wanted, available) ?? english;
};

export const sendPage = (
  response: Response,
  {
    body,
    policy,
    type = "text/html; charset=utf-8",
  }: { readonly body: Buffer; readonly policy: string; readonly type?: string },
  headersOfPages: HeaderList,
): void => {
  for (let index = 0; index < headersOfPages.length; index += 2)
    response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
  response.setHeader("Content-Security-Policy", policy);
  // A cached page of an older build would run with the scripts of a newer one. The pages are only a few kilobytes.
  response.setHeader("Cache-Control", "no-store");
  // A visitor from a search engine has no link.
  response.setHeader("X-Robots-Tag", "noindex");
  response.setHeader("Content-Type", type);
  response.send(body);
};

export interface PageSurroundings extends Surroundings {
  readonly texts: GivenPageTexts;
  readonly defaultLanguage: string;
  readonly minPasswordLength: number;
}

const maxLanguages = 10;

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Null: that of the pages. */
  readonly policy: string | null;
}

/** By the path below the mount point. */
const readFiles = (directory: string, { logo, color }: Brand): ReadonlyMap<string, PageFile> => {
  const files = namesIn(directory).flatMap((name): [string, PageFile][] => {
    const type = types[extname(name)];
    if (type === undefined) return [];
    const body = readFileSync(join(directory, name));
    const isBranded = name === "page.css" && color !== null;
    const shown = isBranded ? Buffer.concat([body, Buffer.from(styleOf(color))]) : body;
    return [[`/${name}`, { type, body: shown, policy: null }]];
  });
  if (files.length === 0) throw notBuilt(directory);
  return new Map([
    ...files,
    ...(logo === null ? [] : [["/logo", { ...logo, policy: LOGO_POLICY }] as const]),
  ]);
};

const styleOf = ({ onWhite, onDark }: BrandColor): string =>
  `\n${ruleOf(onWhite)}@media (prefers-color-scheme: dark) {\n${ruleOf(onDark)}}\n`;

const ruleOf = ({ ground, strong, text, accent }: Shades): string =>
  `:root { --accent: ${accent}; --button: ${ground}; --button-strong: ${strong}; --on-button: ${text}; }\n`;

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw notBuilt(directory, cause);
  }
};

const notBuilt = (directory: string, cause?: unknown): Error =>
  new Error(`The account pages are not built: ${directory} has no files. Run "npm run build".`, { cause });

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** The pages hold secrets and passwords: injected content cannot run, load, or send anything elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  // Without the script, the browser would submit the form itself, and GET would put the password into the URL.
  "form-action 'none'",
  "base-uri 'none'",
  // Clickjacking: one click changes an account, so no other site may frame the page.
  "frame-ancestors 'none'",
].join("; ");

/** `path`: below the mount point. */
export const policyOf = (path: string, { logo }: Brand): string => {
  const images = [
    ...(logo === null ? [] : ["'self'"]),
    // The QR code, which the page's script has from the API. An image runs no script.
    ...(path === "/second-factor" ? ["data:"] : []),
  ];
  return images.length === 0 ? POLICY : `${POLICY}; img-src ${images.join(" ")}`;
};

/** An SVG that is opened by itself is a document, whose scripts would run as ours. */
const LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
