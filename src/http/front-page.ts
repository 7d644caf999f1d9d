// `GET /` by a browser: redirects to the explorer, or shows a page that names the endpoint.
import type { RequestHandler } from "express";
import { escapeHtml } from "../html.ts";
import type { HeaderList } from "./response.ts";

/** Other clients get 404 from the next handler. */
export function frontPage(options: {
  readonly hasExplorer: boolean;
  readonly headersOfPages: HeaderList;
  /** The brand's. Null: none. */
  readonly name: string | null;
}): RequestHandler {
  const { hasExplorer, headersOfPages, name } = options;
  const page = write(name === null ? null : escapeHtml(name));
  return (request, response, next) => {
    if (request.path !== "/" || request.accepts(["json", "html"]) !== "html") return next();
    for (let index = 0; index < headersOfPages.length; index += 2)
      response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
    if (hasExplorer) response.status(302).setHeader("Location", "/graphql").end();
    else response.setHeader("Content-Type", "text/html; charset=utf-8").send(page);
  };
}

/** No style and no script: it needs none of what the policy of pages allows. */
const write = (name: string | null) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name ?? "GraphQL API"}</title>
<p>This is ${name === null ? "a GraphQL API" : `the GraphQL API of ${name}`}. Send queries to <code>/graphql</code> as JSON in a POST request.</p>
</html>
`;
