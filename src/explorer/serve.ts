// Serves the built explorer: its page, with a content security policy of its own, and its files.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler } from "express";
import type { HeaderList } from "../http/response.ts";

/** Where scripts/build-explorer.ts puts the page; two levels up is the project, from src and from dist alike. */
export const builtExplorer = join(import.meta.dirname, "../../dist/explorer/page");

/** The page itself, for `GET /graphql` by a browser. */
export const explorerPage = (directory: string, headersOfPages: HeaderList): RequestHandler => {
  const html = readPage(directory);
  return (_request, response) => {
    for (let index = 0; index < headersOfPages.length; index += 2)
      response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
    response.set({
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": PAGE_POLICY,
      // The page names files by hash: a stored copy would ask for files that a newer build no longer has.
      "Cache-Control": "no-store",
    });
    response.send(html);
  };
};

/** The page's scripts, styles and fonts, to be mounted at `/explorer`. A file that is not there is left to the next handler. */
export const explorerFiles = (directory: string): RequestHandler => {
  readPage(directory);
  // Only `assets` is served: a copy of the page from here would come without its policy.
  return express.Router().use(
    "/assets",
    express.static(join(directory, "assets"), {
      index: false,
      redirect: false,
      dotfiles: "ignore",
      // As for every answer: nothing is kept, so there is nothing to ask about with a tag, a date or a range.
      cacheControl: false,
      etag: false,
      lastModified: false,
      acceptRanges: false,
      // A worker obeys the policy of its own script's answer, not the page's: ours need no network at all.
      setHeaders: (response, path) => {
        response.setHeader("Content-Security-Policy", FILE_POLICY);
        if (path.endsWith(".svg")) response.setHeader("Content-Type", "image/svg+xml; charset=utf-8");
      },
    }),
  );
};

const readPage = (directory: string): string => {
  try {
    return readFileSync(join(directory, "index.html"), "utf8");
  } catch (cause) {
    throw new Error(`The explorer is not built: ${directory} holds no page. Run "npm run build".`, { cause });
  }
};

const policy = (directives: Record<string, string>): string =>
  Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");

const PAGE_POLICY = policy({
  "default-src": "'none'",
  "script-src": "'self'",
  // Monaco writes style elements and attributes with sizes and colours it computes, and takes no nonce. Styles run no
  // code, and img-src, font-src and connect-src leave an injected one no host to send anything to.
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data:",
  "font-src": "'self' data:",
  "connect-src": "'self'",
  "worker-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  // The page logs in and runs mutations with one click: it must not be framed.
  "frame-ancestors": "'none'",
});

const FILE_POLICY = policy({
  "default-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
});
