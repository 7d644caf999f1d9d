// Serves the account pages, each with a content security policy that allows only its own script, style and API calls.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { RequestHandler } from "express";
import { methodNotAllowed } from "../errors.ts";
import type { HeaderList } from "../http/response.ts";

/** The output of `npm run build`; two levels up is the project, from src and from dist. */
export const builtAccountPages = join(import.meta.dirname, "../../dist/account-pages/page");

/** Mount it at `/account`. Unknown paths go to the next handler. */
export const accountPages = (
  directory: string,
  headersOfPages: HeaderList,
  values: PageValues,
): RequestHandler => {
  const files = readFiles(directory, values);
  return (request, response, next) => {
    // Looked up in a map and never joined to a directory: no path traversal.
    const file = files.get(request.path);
    if (file === undefined) return next();
    if (request.method !== "GET" && request.method !== "HEAD") return next(methodNotAllowed("GET, HEAD"));
    for (let index = 0; index < headersOfPages.length; index += 2)
      response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
    response.setHeader("Content-Security-Policy", POLICY);
    // A cached page of an older build would run with the scripts of a newer one. The pages are only a few kilobytes.
    response.setHeader("Cache-Control", "no-store");
    // A visitor from a search engine has no link.
    response.setHeader("X-Robots-Tag", "noindex");
    response.setHeader("Content-Type", file.type);
    response.send(file.body);
  };
};

/** What the pages show that a server decides: each takes the place of its name in double braces. */
export interface PageValues {
  readonly minPasswordLength: number;
}

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** By the path below the mount point: pages without their extension, other files with it. */
const readFiles = (directory: string, values: PageValues): ReadonlyMap<string, PageFile> => {
  const files = namesIn(directory).flatMap((name): [string, PageFile][] => {
    const type = types[extname(name)];
    if (type === undefined) return [];
    const body = readFileSync(join(directory, name));
    const shown = name.endsWith(".html") ? Buffer.from(fill(body.toString(), values)) : body;
    return [[`/${name.replace(/\.html$/, "")}`, { type, body: shown }]];
  });
  if (files.length === 0) throw notBuilt(directory);
  return new Map(files);
};

const fill = (page: string, values: PageValues): string =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{{${name}}}`, String(value)), page);

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw notBuilt(directory, cause);
  }
};

const notBuilt = (directory: string, cause?: unknown): Error =>
  new Error(`The account pages are not built: ${directory} has no pages. Run "npm run build".`, { cause });

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
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
