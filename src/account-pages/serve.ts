// Serves the small pages that links in mail open, each with a content security policy that lets nothing in and nothing out.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { RequestHandler } from "express";
import { methodNotAllowed } from "../errors.ts";
import type { HeaderList } from "../http/response.ts";

/** Where `npm run build` puts the pages; two levels up is the project, from src and from dist alike. */
export const builtAccountPages = join(import.meta.dirname, "../../dist/account-pages/page");

/** To be mounted at `/account`. What is not there is left to the next handler. */
export const accountPages = (directory: string, headersOfPages: HeaderList): RequestHandler => {
  const files = readFiles(directory);
  return (request, response, next) => {
    // Looked up whole and never joined to a directory: no path leads out of it.
    const file = files.get(request.path);
    if (file === undefined) return next();
    if (request.method !== "GET" && request.method !== "HEAD") return next(methodNotAllowed("GET, HEAD"));
    for (let index = 0; index < headersOfPages.length; index += 2)
      response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
    response.setHeader("Content-Security-Policy", POLICY);
    // Of a few kilobytes. A stored page of an older build would run with the scripts of a newer one.
    response.setHeader("Cache-Control", "no-store");
    // Whoever opens a page from a search engine has no link, and nothing to do there.
    response.setHeader("X-Robots-Tag", "noindex");
    response.setHeader("Content-Type", file.type);
    response.send(file.body);
  };
};

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** By the path below the mount: a page without its ending, what it loads with it. */
const readFiles = (directory: string): ReadonlyMap<string, PageFile> => {
  const files = namesIn(directory).flatMap((name): [string, PageFile][] => {
    const type = types[extname(name)];
    if (type === undefined) return [];
    return [[`/${name.replace(/\.html$/, "")}`, { type, body: readFileSync(join(directory, name)) }]];
  });
  if (files.length === 0) throw notBuilt(directory);
  return new Map(files);
};

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw notBuilt(directory, cause);
  }
};

const notBuilt = (directory: string, cause?: unknown): Error =>
  new Error(`The account pages are not built: ${directory} holds none. Run "npm run build".`, { cause });

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** The pages hold secrets and passwords: nothing that got into one can run, load or send anything elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  // Without the script a form would be sent by the browser, and by GET it would put the password into the address.
  "form-action 'none'",
  "base-uri 'none'",
  // One click acts on an account: no other site may lay a page of its own over the button.
  "frame-ancestors 'none'",
].join("; ");
