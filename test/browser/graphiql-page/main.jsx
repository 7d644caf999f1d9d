// GraphiQL as its README sets it up, with the fetchers of docs/clients.md: one follows by WebSocket, the other by streams.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createClient } from "graphql-sse";
import { createRoot } from "react-dom/client";

const url = import.meta.env.VITE_API_URL;
// For the cookie: this page is of another origin than the API.
const credentials = "include";
const withCookie = (input, init) => fetch(input, { ...init, credentials });

const fetcher =
  location.search === "?websocket"
    ? createGraphiQLFetcher({ url, fetch: withCookie, subscriptionUrl: url.replace("http", "ws") })
    : createGraphiQLFetcher({ url, fetch: withCookie, wsClient: createClient({ url, credentials }) });

const query = `subscription Sessions {
  sessionsChanged {
    id
    current
  }
}
`;

createRoot(document.getElementById("root")).render(
  <GraphiQL fetcher={fetcher} initialQuery={query} shouldPersistHeaders={false} />,
);
