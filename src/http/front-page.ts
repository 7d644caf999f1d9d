// `GET /` by a browser: redirects to the explorer, or shows a page that names the endpoint.
import type { RequestHandler } from "express";
import type { HeaderList } from "./response.ts";

/** Other clients get 404 from the next handler. */
export function frontPage(options: {
  readonly hasExplorer: boolean;
  readonly headersOfPages: HeaderList;
}): RequestHandler {
  const { hasExplorer, headersOfPages } = options;
  return (request, response, next) => {
    if (request.path !== "/" || request.accepts(["json", "html"]) !== "html") return next();
    for (let index = 0; index < headersOfPages.length; index += 2)
      response.setHeader(headersOfPages[index] ?? "", headersOfPages[index + 1] ?? "");
    if (hasExplorer) response.status(302).setHeader("Location", "/graphql").end();
    else response.setHeader("Content-Type", "text/html; charset=utf-8").send(page);
  };
}

/** No style and no script: it needs none of what the policy of pages allows. */
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL API</title>
<p>This is a GraphQL API. Send queries to <code>/graphql</code> as JSON in a POST request.</p>
</html>
`;
