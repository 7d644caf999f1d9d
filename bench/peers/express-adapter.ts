// Apollo on Express 5, for peers: what the integration package does, for answers that come in one piece.
import { type ApolloServer, HeaderMap } from "@apollo/server";
import type { Request, RequestHandler } from "express";

export const expressAdapter = (apollo: ApolloServer): RequestHandler =>
  async function answerGraphql(request, response) {
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headersOf(request),
        search: searchOf(request.url),
        body: request.body,
      },
      context: async () => ({}),
    });
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    response.statusCode = answer.status ?? 200;
    if (answer.body.kind !== "complete") throw new Error("The answer comes in parts.");
    response.send(answer.body.string);
  };

const headersOf = ({ headers }: Request): HeaderMap => {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  return map;
};

const searchOf = (url: string): string => {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start);
};
