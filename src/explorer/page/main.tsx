// The explorer's page: GraphiQL on the API of its own origin, and nothing from anywhere else.
import { GraphiQL } from "graphiql";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createFetcher } from "./fetcher.ts";
import "./page.css";
import { storage } from "./storage.ts";
import { startingTabs } from "./tabs.ts";

const Explorer = () => {
  // A login or a logout changes which part of the schema may be used, and only that part is shown.
  const newFetcher = () => createFetcher(() => setFetcher(newFetcher));
  const [fetcher, setFetcher] = useState(newFetcher);
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      defaultTabs={startingTabs}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      // A header holds a token: neither stored nor offered to be.
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>Graphward</GraphiQL.Logo>
    </GraphiQL>
  );
};

const container = document.getElementById("explorer");
if (container === null) throw new Error("index.html has no element #explorer.");
createRoot(container).render(<Explorer />);
