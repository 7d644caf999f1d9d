// The explorer's page: GraphiQL for the API of its own origin, with no third-party resources.
import { GraphiQL } from "graphiql";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createFetcher } from "./fetcher.ts";
import "./page.css";
import { SecondStep } from "./second-step.tsx";
import { storage } from "./storage.ts";
import { startingTabs } from "./tabs.ts";

const Explorer = () => {
  const [pendingToken, setPendingToken] = useState<string | null>(null);
  // A login or logout changes the visible part of the schema.
  const newFetcher = () =>
    createFetcher({ onMutation: () => setFetcher(newFetcher), onChallenge: setPendingToken });
  const [fetcher, setFetcher] = useState(newFetcher);
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      defaultTabs={startingTabs}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      // Headers hold tokens: GraphiQL neither stores them nor offers to.
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>Graphward</GraphiQL.Logo>
      {pendingToken !== null && (
        <GraphiQL.Footer>
          <SecondStep pendingToken={pendingToken} onOpen={() => setPendingToken(null)} />
        </GraphiQL.Footer>
      )}
    </GraphiQL>
  );
};

const container = document.getElementById("explorer");
if (container === null) throw new Error("index.html has no element #explorer.");
createRoot(container).render(<Explorer />);
