// Serves the built explorer: its page, with its own content security policy, and its files.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler } from "express";
import { escapeHtml } from "../html.ts";
import type { HeaderList } from "../http/response.ts";

/** The output of scripts/build-explorer.ts; two levels up is the project, from src and from dist. */
export const builtExplorer = join(import.meta.dirname, "../../dist/explorer/page");

/** The page itself, for `GET /graphql` by a browser. */
export const explorerPage = (
  directory: string,
  headersOfPages: HeaderList,
  /** The brand's. Null: ours. */
  name: string | null,
): RequestHandler => {
  const page = readPage(directory);
  const title = name === null ? null : `<title>${escapeHtml(name)}</title>`;
  const html = title === null ? page : page.replace(/<title>.*?<\/title>/, () => title);
  return (_request, response) => {
    for (let index = 0; index < headersOfPages.length; index += 2)
      response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
    response.set({
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": PAGE_POLICY,
      // The page names files by hash: a cached page would request files that a newer build no longer has.
      "Cache-Control": "no-store",
    });
    response.send(html);
  };
};

/** The page's scripts, styles and fonts. Mount it at `/explorer`. Unknown files go to the next handler. */
export const explorerFiles = (directory: string): RequestHandler => {
  readPage(directory);
  // Serves only `assets`: the page must not be served from here without its policy.
  return express.Router().use(
    "/assets",
    express.static(join(directory, "assets"), {
      index: false,
      redirect: false,
      dotfiles: "ignore",
      // Nothing is cached, as in every response, so validators and ranges have no use.
      cacheControl: false,
      etag: false,
      lastModified: false,
      acceptRanges: false,
      // A worker uses the policy of its own script's response, not the page's. These workers need no network.
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
    throw new Error(`The explorer is not built: ${directory} has no page. Run "npm run build".`, { cause });
  }
};

const policy = (directives: Record<string, string>): string =>
  Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");

const PAGE_POLICY = policy({
  "default-src": "'none'",
  "script-src": "'self'",
  // Monaco computes sizes and colours into style elements and attributes, and supports no nonce. Styles run
  // no code, and with img-src, font-src and connect-src an injected style can send nothing to another host.
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data:",
  "font-src": "'self' data:",
  "connect-src": "'self'",
  "worker-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  // Clickjacking: one click on the page logs in or runs a mutation, so it must not be framed.
  "frame-ancestors": "'none'",
});

const FILE_POLICY = policy({
  "default-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
});
