// The page: the form of a login, or the projects of who is logged in.
import { ApolloProvider, useQuery } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient, textOf } from "./client.ts";
import { LogIn } from "./log-in.tsx";
import { VIEWER } from "./operations.ts";
import { Projects } from "./projects.tsx";
import "./style.css";

/** Everything that was read goes: the next person at this browser must not see it. `viewer` is asked again. */
const client = createClient(() => void client.resetStore().catch(() => undefined));

const Page = () => {
  const { data, error, loading } = useQuery(VIEWER);
  if (loading) return <p role="status">Loading…</p>;
  if (error) return <p role="alert">{textOf(error)}</p>;
  return data?.viewer ? <Projects viewer={data.viewer} /> : <LogIn />;
};

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <ApolloProvider client={client}>
        <Page />
      </ApolloProvider>
    </StrictMode>,
  );
